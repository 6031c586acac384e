/** Files of `kinovox eval --report`: the page, and recordings in a folder beside it, to which the page links. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { type EpisodePlace, type EvaluationReport, evaluationHtml, type RecordTo, type TierReport } from '@kinovox/agents';
import { UsageError } from '@kinovox/world';

export interface ReportFiles {
  /** A new file for the first episodes of a contestant's run in a scenario. */
  recordTo(place: EpisodePlace, episodes: number): RecordTo;
  /** @throws UsageError where the page cannot be written. */
  write(report: EvaluationReport, tiers: TierReport | undefined): void;
}

/** @throws UsageError for a page or a folder that exists, or that cannot be written. */
export function reportFiles(file: string): ReportFiles {
  const page = resolve(file);
  const folder = join(dirname(page), `${basename(page).replace(/\.html?$/i, '')}-replays`);
  for (const path of [page, folder])
    if (existsSync(path))
      throw new UsageError('report-exists', `--report must be a file that does not exist yet; got "${path}". Name another, or remove it.`);
  refused(file, () => {
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, '');
    rmSync(page);
  });
  let number = 0;
  return {
    recordTo({ contestant, scenario }, episodes) {
      refused(file, () => mkdirSync(folder, { recursive: true }));
      const name = `${scenario}-${contestant.replace(/[^\w.-]+/g, '-').slice(0, 60)}-${number++}.kvr`;
      return { path: join(folder, name), episodes };
    },
    write(report, tiers) {
      const command = ['kinovox', ...process.argv.slice(2)].map((word) => (/[\s"'$]/.test(word) ? JSON.stringify(word) : word)).join(' ');
      const linkTo = (path: string) => relative(dirname(page), path).split(sep).map(encodeURIComponent).join('/');
      refused(file, () => writeFileSync(page, evaluationHtml(report, { tiers, command, linkTo }), { flag: 'wx' }));
    },
  };
}

function refused(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new UsageError(
      'report-file',
      `--report must be a file that can be written; got "${file}": ${(cause as Error).message}. Name another.`,
      {
        cause,
      },
    );
  }
}
