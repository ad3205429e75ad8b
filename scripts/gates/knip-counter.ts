/** A second reporter for knip, which by itself never says how many files it looked at. */
import type { Reporter } from 'knip';

const reporter: Reporter = ({ counters }) => {
  console.log(`knip read ${counters.processed} files`);
};

export default reporter;
