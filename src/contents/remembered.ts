// What was worked out lately and can never change, such as what follows from a commit: asked for again, it is there,
// and those who ask at the same time share one answer.

export interface Remembered<T> {
  /** The answer of that name; `make` is called where there is none. What fails is not remembered. */
  get(name: string, make: () => Promise<T>): Promise<T>;
}

/** @param limit how many answers are kept; those asked for longest ago go first */
export function createRemembered<T>(limit: number): Remembered<T> {
  const answers = new Map<string, Promise<T>>();
  return {
    get(name, make) {
      const known = answers.get(name);
      const answer = known ?? make();
      answers.delete(name);
      answers.set(name, answer);
      if (known === undefined) {
        answer.catch(() => {
          if (answers.get(name) === answer) answers.delete(name);
        });
      }
      const [oldest] = answers.keys();
      if (answers.size > limit && oldest !== undefined) answers.delete(oldest);
      return answer;
    },
  };
}
