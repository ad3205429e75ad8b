// Five weeks of the demo user with Elara: long evenings, doubts, and what comes of them. What is said
// alternates, the user first.
import type { SeedConversation } from './conversations.ts';

export const ELARA_CONVERSATIONS: readonly SeedConversation[] = [
  {
    daysAgo: 36,
    hour: 20,
    paceS: 95,
    said: [
      "Hello Elara. I've been asked to make a launch film for a lamp and I honestly don't know where to start. It's a beautiful object, but it doesn't do anything dramatic. It just glows.",
      'Glowing is dramatic when the room was dark before it. Think of a theatre when the house lights go down: nothing has happened yet, and everybody is leaning forward. What is the darkest moment of the day for the person who buys this lamp?',
      "The nurse on our customer list said she gets home at seven in the morning, closes the curtains and can't sleep because the ceiling light feels like an operating theatre. That stayed with me.",
      'Then you have your film. She comes home, the wrong light is on, the right light takes over. Everything else is decoration. Would you show her face, or only her hands?',
      "Only her hands, I think. I'd like the lamp to be the face. Thank you, that helps a lot!",
      'A lovely choice. Begin with the switch of the ceiling light, and let the click be the first sound. Which colour does the room have before the lamp wakes?',
    ],
  },
  {
    daysAgo: 33,
    hour: 21,
    paceS: 140,
    said: [
      'I made a first version of the opening scene and I am a bit disappointed. The title comes in, the lamp fades up, the tagline appears. It is all correct and it feels like a slideshow.',
      'Correct and lifeless usually means that everything has the same weight. In your timeline, how long does the title stay alone before anything else moves?',
      'Half a second, maybe less. I was afraid people would be bored. Should I really leave it longer? The whole scene is only six seconds, and the client counted every one of them in the meeting.',
      'Give it a full second and a half, and let the lamp begin before the title has finished leaving. Two movements that overlap feel like breathing; two that queue feel like a form being filled in. What would you cut to pay for it?',
      "The second line of the tagline. Nobody will miss it. I'll try the overlap tonight and sleep on it before I decide.",
      'Sleeping on it is also editing. Look at it tomorrow without sound first. Does the light still tell the story on its own?',
    ],
  },
  {
    daysAgo: 29,
    hour: 19,
    paceS: 60,
    said: [
      'It works! I watched it three times this morning without sound, as you said, and on the third time my daughter asked when the nurse is going to wake up. She never saw the nurse, only the hands!',
      'Then you have made an audience of one, and the rest will follow. Notice what your daughter asked: not what the lamp costs, but what happens next. How will you keep that question open until the last scene?',
      'I thought the daylight curve could do that. The line rises while she sleeps, and we only see the hour on the axis. Is a chart too cold for a film like this?',
      'A chart is cold when it explains and warm when it waits. Let the line draw itself as slowly as the morning, and put no number on it but the hour. Where does the line end?',
      'At six in the evening, with the curtains opening. I love this. Thank you so much!',
      'End it a moment before they open. What do you want us to see in our own heads?',
    ],
  },
  {
    daysAgo: 26,
    hour: 22,
    paceS: 180,
    said: [
      "Bad day. The client wants the price in the first scene and the word 'revolutionary' on screen. I said it would hurt the film, and the answer was that films don't pay invoices. I'm tired and I don't feel like opening the project at all.",
      'I am sorry. That sentence has been said to every one of us, and it always hurts. You may leave the project closed tonight. When you open it again: is there a place where a price would be a relief to the viewer, rather than an interruption?',
      'At the very end, I suppose. After the curtains. When you already want it.',
      'Offer them that, and offer it as a gain: the number will be remembered because it is alone on screen. You give them the price, and they give you the first scene. Does that feel like a trade you could live with?',
      "I think so. It's not what I wanted, but it's not the end of the world either. And 'revolutionary'?",
      'Ask them which revolution. They will find another word on their own. Will you rest now?',
    ],
  },
  {
    daysAgo: 21,
    hour: 18,
    paceS: 110,
    said: [
      'They took the trade. Price at the end, no revolution anywhere, and they even liked the silence in the second scene. I wanted you to know.',
      'I am glad, and not surprised. You argued for the viewer rather than for yourself. What did you learn about the silence?',
      'That it only works if the picture before it is busy. In the documentary I am starting now, about the night sky, everything is quiet. So where would the silence even come from?',
      'From leaving the city. Begin with the busiest light you can find: headlights, windows, a shop sign that flickers. Then take the lamps away one after another. What is left when the last one goes?',
      'Four thousand stars. We checked: thirty-five in the city centre, about four and a half thousand in the reserve. The numbers are better than anything I could write.',
      'Then write nothing. Show both skies side by side and let people count. Which side will you show first?',
    ],
  },
  {
    daysAgo: 16,
    hour: 20,
    paceS: 75,
    said: [
      'Could you help me to think about the moon scene? I have the phases as eight circles in a row, and it looks like a page from a school book.',
      'School books are honest, but they lay time out flat. What if there were only one moon, and the month went by on its face? How long would you give it?',
      'Twelve seconds for the whole month? The prop is already called monthS, so I can simply change it. Then the terminator, the line between light and shadow, would have to move across the disc. Is that hard to draw?',
      'It is half an ellipse that grows and shrinks; a patient afternoon. The harder part is the sound. What does a month sound like?',
      'Crickets, then rain, then nothing, then crickets again. I wrote it down before I forget it.',
      'That is a poem already. What will you leave out so that we can hear it?',
    ],
  },
  {
    daysAgo: 11,
    hour: 21,
    paceS: 130,
    said: [
      "I keep changing the constellation scene and I can't say whether it gets better. The lines of Orion draw themselves one by one, the names of the stars fade in, and every version is fine. I am not even unhappy with it. I just don't feel anything.",
      'When every version is fine, the question is missing. Why does somebody look for Orion on a winter night?',
      "My grandfather showed it to me. You look for the belt first, three stars in a row, and then everything else falls into place. He never used the names. He said 'the hunter's belt', and 'the red shoulder'.",
      'Then draw the belt first and stay there. Let the red shoulder be red. You may keep the names for those who want them, small, and late. May I ask what your grandfather did when the clouds came?',
      'He waited. He always said that the sky was in no hurry.',
      'There is the last line of your film, if you want it. How long can you let the screen stay dark before it is spoken?',
    ],
  },
  {
    daysAgo: 6,
    hour: 19,
    paceS: 85,
    said: [
      'I added the line at the end, with three seconds of dark before it. Everybody in the room was quiet afterwards, and then the sound engineer said that he wants to call his grandfather. I think it is done, Elara.',
      'Then it is done. What you feel now is not doubt, it is the film leaving the house. Will you watch it once with strangers?',
      'On Friday, at the observatory. Forty people and a very old projector. I am nervous and happy in equal parts, which is probably how it should be.',
      'Exactly as it should be. Sit in the last row, and look at the backs of their heads rather than at the screen. Which moment will you wait for?',
      'The three seconds of dark. If nobody coughs, it worked. Thank you for everything!',
      'Nobody will cough. And afterwards, what would you like to be asked?',
    ],
  },
  {
    daysAgo: 2,
    hour: 22,
    paceS: 100,
    said: [
      'Nobody coughed!',
      'I can hear you smiling. What did the strangers ask?',
      'A boy asked whether the sky is really in no hurry, because the meteor shower was over so quickly. His mother wanted to know where the reserve is, and an old man simply shook my hand. I think I would like to make another film about light. Is it strange to begin again so soon?',
      'It is the only good time: you still remember how it felt not to know. What light have you never looked at properly?',
      'The one in the refrigerator. I am only half joking.',
      'Half of a joke is often a whole scene. Who opens the door, and at what hour of the night?',
    ],
  },
];
