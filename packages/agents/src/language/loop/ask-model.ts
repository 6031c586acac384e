/** One call of a model within its deadline. What goes wrong at the model's side comes back as an error that the loop can tell of; what the user must mend is thrown. */
import { ModelError, type ModelProvider, type ModelReply, type ModelRequest } from '../model.js';
import type { Profile } from '../profile.js';

/** The reply, or the error that stands for it. Late is an error too. @throws UsageError of the provider. */
export async function askModel(
  provider: () => Promise<ModelProvider>,
  request: ModelRequest,
  timeLimited: Profile['timeLimited'],
): Promise<ModelReply | ModelError> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const asked = provider().then((one) => one.ask(request, controller.signal));
    if (timeLimited === undefined) return await asked;
    const late = new Promise<ModelError>((resolve) => {
      timer = setTimeout(
        () => resolve(new ModelError('late', `No reply came within ${timeLimited.seconds} s.`)),
        1000 * timeLimited.seconds,
      );
    });
    // A call that is given up may still fail.
    asked.catch(() => undefined);
    return await Promise.race([asked, late]);
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw error;
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
