/**
 * What `kinovox eval` writes: tables and decisions in the folder of --out, and the page of --report with recordings and decisions in a folder beside it.
 * Nothing is left of an evaluation that fails or is broken off: `discard` takes away what was begun.
 */
import { appendFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import {
  type EpisodePlace,
  type EvaluationReport,
  evaluationCsv,
  evaluationHtml,
  evaluationLatex,
  type LanguageEntry,
  type RecordTo,
  type TierReport,
} from '@kinovox/agents';
import { UsageError } from '@kinovox/world';
import { decisionsBeside } from './run-output.js';

/** A place for the results of an evaluation. */
export interface EvaluationFiles {
  /** Adds decisions of an episode to the file of its run. @returns the file, as it will be named in the end. */
  keepDecisions(place: EpisodePlace, entries: readonly LanguageEntry[], record: RecordTo | undefined): string;
  /** @throws UsageError where it cannot be written; then nothing is left. */
  write(report: EvaluationReport, tiers: TierReport | undefined): void;
  /** Takes away what was written, unless `write` has succeeded. */
  discard(): void;
}

export interface ReportFiles extends EvaluationFiles {
  /** A new file for the first episodes of a contestant's run in a scenario. */
  recordTo(place: EpisodePlace, episodes: number): RecordTo;
}

/** The folder of --out. Files are written beside it and moved into place. @throws UsageError for one that exists. */
export function tableFiles(out: string): EvaluationFiles {
  if (existsSync(out))
    throw new UsageError('out-exists', `--out must be a folder that does not exist yet; got "${out}". Name another, or remove it.`);
  const folder = resolve(out);
  const unfinished = `${folder}.unfinished-${process.pid}`;
  const names = new RunNames();
  const guarded = <T>(work: () => T): T => attempt('out-folder', '--out must be a folder', out, work);
  const discard = () => rmSync(unfinished, { recursive: true, force: true });
  return {
    discard,
    keepDecisions(place, entries) {
      const name = join('decisions', `${names.of(place)}.jsonl`);
      guarded(() => addLines(join(unfinished, name), entries));
      return join(folder, name);
    },
    write(report, tiers) {
      const files = {
        'evaluation.json': `${JSON.stringify({ ...report, ...(tiers && { tiers }) }, null, 1)}\n`,
        'evaluation.csv': evaluationCsv(report, tiers),
        'evaluation.tex': evaluationLatex(report),
        'evaluation.html': evaluationHtml(report, { tiers, linkTo: linksFrom(folder) }),
      };
      try {
        guarded(() => {
          mkdirSync(unfinished, { recursive: true });
          for (const name of names.refusedIn(report)) rmSync(join(unfinished, 'decisions', `${name}.jsonl`), { force: true });
          for (const [name, text] of Object.entries(files)) writeFileSync(join(unfinished, name), text);
          renameSync(unfinished, folder);
        });
      } catch (error) {
        discard();
        throw error;
      }
    },
  };
}

/** The page of --report. @throws UsageError for a page or a folder that exists, or that cannot be written. */
export function reportFiles(file: string): ReportFiles {
  const page = resolve(file);
  const folder = join(dirname(page), `${basename(page).replace(/\.html?$/i, '')}-replays`);
  for (const path of [page, folder])
    if (existsSync(path))
      throw new UsageError('report-exists', `--report must be a file that does not exist yet; got "${path}". Name another, or remove it.`);
  const guarded = <T>(work: () => T): T => attempt('report-file', '--report must be a file', file, work);
  guarded(() => {
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, '');
    rmSync(page);
  });
  const names = new RunNames();
  let isWritten = false;
  const discard = () => {
    if (!isWritten) rmSync(folder, { recursive: true, force: true });
  };
  return {
    discard,
    recordTo(place, episodes) {
      guarded(() => mkdirSync(folder, { recursive: true }));
      return { path: join(folder, `${names.of(place)}.kvr`), episodes };
    },
    keepDecisions(place, entries, record) {
      const path = decisionsBeside(record?.path ?? join(folder, names.of(place)));
      guarded(() => addLines(path, entries));
      return path;
    },
    write(report, tiers) {
      const command = ['kinovox', ...process.argv.slice(2)].map((word) => (/[\s"'$]/.test(word) ? JSON.stringify(word) : word)).join(' ');
      try {
        guarded(() => writeFileSync(page, evaluationHtml(report, { tiers, command, linkTo: linksFrom(dirname(page)) }), { flag: 'wx' }));
      } catch (error) {
        discard();
        throw error;
      }
      isWritten = true;
      for (const name of names.refusedIn(report))
        for (const path of [join(folder, `${name}.kvr`), decisionsBeside(join(folder, name))]) rmSync(path, { force: true });
    },
  };
}

/** A file name per run and scenario (and team): the same for the same place. */
class RunNames {
  readonly #runs = new Map<string, { name: string; place: EpisodePlace }>();

  of(place: EpisodePlace): string {
    const { contestant, run, scenario, team } = place;
    const key = JSON.stringify([contestant, run, scenario, team]);
    let found = this.#runs.get(key);
    if (found === undefined) {
      const name = `${scenario}-${contestant.replace(/[^\w.-]+/g, '-').slice(0, 60)}-${this.#runs.size}`;
      this.#runs.set(key, (found = { name, place }));
    }
    return found.name;
  }

  /** Of contestants that could not play a scenario to its end, so that nothing in the report is of them. */
  refusedIn({ contestants }: EvaluationReport): string[] {
    const isJudged = ({ contestant, scenario }: EpisodePlace) =>
      contestants.some((one) => one.name === contestant && one.scenarios.some((row) => row.scenario === scenario));
    return [...this.#runs.values()].filter(({ place }) => !isJudged(place)).map(({ name }) => name);
  }
}

function addLines(path: string, entries: readonly LanguageEntry[]): void {
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

/** Addresses of files as seen from a page in a folder. */
function linksFrom(folder: string): (path: string) => string {
  return (path) => relative(folder, path).split(sep).map(encodeURIComponent).join('/');
}

function attempt<T>(code: string, what: string, got: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new UsageError(code, `${what} that can be written; got "${got}": ${(cause as Error).message}. Name another.`, { cause });
  }
}
