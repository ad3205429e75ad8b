/** `fetch` for an endpoint that is not trusted: an answer larger than the bound is an error. */

/** What is asked for is a few hundred bytes; what a model thinks aloud beside it, some thousands. */
const RESPONSE_BYTES_MAX = 2 ** 20;

export const boundedFetch: typeof fetch = async (input, init) => {
  // A redirect could lead anywhere, with the key.
  const response = await fetch(input, { ...init, redirect: 'error' });
  let bytes = 0;
  const counted = response.body?.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.byteLength;
        if (bytes <= RESPONSE_BYTES_MAX) controller.enqueue(chunk);
        else controller.error(new Error(`the answer exceeds ${RESPONSE_BYTES_MAX} bytes`));
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(counted ?? null, { status, statusText, headers });
};
