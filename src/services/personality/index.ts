/** What is known of how people write, kept for a week. */
export { analysisSchema, partialAnalysisSchema, traitsSchema } from './analysis.ts';
export { PersonalityError, type PersonalityErrorCode } from './errors.ts';
export { personalityAt, type Personality } from './personality.ts';
export {
  createPersonality,
  type Changed,
  type PersonalityOptions,
  type PersonalityService,
} from './service.ts';
