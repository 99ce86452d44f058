import { installPackages } from './packages.ts';
import { checkPassage } from './passage.ts';
import type { Home } from './paths.ts';
import { judge, machineFacts } from './preflight.ts';
import { UserError } from './problem.ts';

/**
 * Whether nodes can run here; installs packages that are missing when it may. Rejects with {@link UserError} when they
 * cannot.
 */
export async function checkMachine(
  { home, mayInstall }: { readonly home: Home; readonly mayInstall: boolean },
  report: (text: string) => void,
): Promise<void> {
  await checkPassage(home.run);
  let verdict = judge(await machineFacts());
  if (verdict.problems.length === 0 && verdict.packages.length > 0) {
    if (!mayInstall)
      throw new UserError(
        `Cannot run nodes on this machine: install the packages ${verdict.packages.join(', ')}, or leave out --no-install`,
      );
    await installPackages(verdict.packages, report);
    verdict = judge(await machineFacts());
  }
  const { problems, packages } = verdict;
  if (problems.length > 0)
    throw new UserError(
      `Cannot run nodes on this machine:\n${problems.map(({ what, remedy }) => `  ${what}: ${remedy}`).join('\n')}`,
    );
  if (packages.length > 0)
    throw new UserError(
      `Cannot run nodes on this machine: what ${packages.join(', ')} should bring is missing although they are installed`,
    );
}
