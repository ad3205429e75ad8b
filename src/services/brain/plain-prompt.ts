/**
 * A prompt without what says nothing of what is asked for: words of courtesy before and after it, space,
 * the capital that begins a sentence and the full stop that ends it. English. Where in doubt a word
 * stays: two prompts that could be one cost a call, one that is two answers wrongly.
 */

/** "Ok, …" greets; "ok button" is a thing. */
const GREETING = '(?:hey|hi|hello|ok|okay|well)[,.!:;-]|please|kindly|now';
/** A wish in the form of a question. */
const REQUEST =
  "(?:could|can|would|will) you(?: please)?|i want you to|i(?:[’']d| would) like you to";
const BEFORE = new RegExp(`^(?:(?:${GREETING}|(?:${REQUEST}))(?![\\p{L}\\p{N}'’-])[\\s,]*)+`, 'iu');
const IS_REQUEST = new RegExp(`\\b(?:${REQUEST})\\b`, 'i');
const STOP = /[\s.!]+$/;
const STOP_OF_REQUEST = /[\s.!?]+$/;
const THANKS = /(?:\s*[,.!;-]\s*(?:please|thanks|thank you|many thanks))+[\s.!]*$/i;
const PLEASE = /\s+please[\s.!]*$/i;
/** What follows these may be text to show, to the last letter: "the headline to Thanks". */
const VALUE =
  /\b(?:say|says|saying|write|writes|reads?|reading|texts?|words?|wording|captions?|headlines?|headings?|taglines?|titled?(?! scene)|subtitles?|labels?|calls?|called|names?|named|rename|quotes?)\b|["“”«»]/i;
/** And after these, a value that may end in "please". */
const VALUE_BEFORE_PLEASE = /\b(?:to|with|as|into|by)\b/i;

/** Equal for prompts that ask for the same in the same words. Never empty where the prompt is not. */
export function plainPrompt(prompt: string): string {
  const trimmed = prompt.trim();
  const spaced = VALUE.test(trimmed) ? trimmed : trimmed.replaceAll(/\s+/g, ' ');
  const before = BEFORE.exec(spaced)?.[0] ?? '';
  const wish = withoutEnd(spaced.slice(before.length), IS_REQUEST.test(before));
  if (wish === '') return spaced;
  return /^\p{Lu}\p{Ll}/u.test(wish) ? wish.charAt(0).toLowerCase() + wish.slice(1) : wish;
}

/** @param isRequest  "Could you …?" is no question; others are */
function withoutEnd(wish: string, isRequest: boolean): string {
  if (VALUE.test(wish)) return wish;
  const plain = wish.replace(isRequest ? STOP_OF_REQUEST : STOP, '').replace(THANKS, '');
  return VALUE_BEFORE_PLEASE.test(plain) ? plain : plain.replace(PLEASE, '');
}
