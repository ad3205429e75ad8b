export { savingsOf, type Savings, type SavingsCounts } from './savings.ts';
export {
  askAlways,
  createSimilarTier,
  namesMentioned,
  type Decided,
  type SimilarTier,
  type SimilarTierOptions,
  type SimilarTierStatus,
} from './similar-tier.ts';
