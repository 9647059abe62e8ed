/** Milliseconds between two requests. */
const EVERY = 5;

/** Objects that a request makes, and a few hundred microseconds of work. */
function serve(): number {
  const rows = Array.from({ length: 600 }, (_, id) => ({ id, name: `row ${id}`, tags: [id, id] }));
  return JSON.stringify(JSON.parse(JSON.stringify(rows))).length;
}

/** Serves a request every few milliseconds. Ends with the function that it returns. */
export function startSteadyLoad(): () => void {
  let served = 0;
  const timer = setInterval(() => {
    served += serve();
  }, EVERY);
  return () => {
    clearInterval(timer);
    if (served === 0) throw new Error('nothing was served');
  };
}
