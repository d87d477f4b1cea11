// The lines by which git is set up, a part that opens for each system. The first is the one that the browser runs on.
import type { JSX } from 'preact';
import { Commands } from '../web/commands.tsx';
import { type Instance, type SetUp, type System, systems, waysOn } from './git-setup.ts';

const names: Readonly<Record<System, string>> = { linux: 'Linux', macos: 'macOS', windows: 'Windows' };

/** The system that a browser says it runs on. */
export function systemOf(userAgent: string | undefined): System {
  if (/Windows/.test(userAgent ?? '')) return 'windows';
  return /Mac OS X|Macintosh/.test(userAgent ?? '') ? 'macos' : 'linux';
}

export interface GitSetUpProps {
  readonly instance: Instance;
  /** Null: none. */
  readonly open: System | null;
}

export function GitSetUp({ instance, open }: GitSetUpProps): JSX.Element {
  return (
    <div class="Box">
      {systems.map((system) => (
        // Of one name: opening one closes the others.
        <details key={system} class="Box-row git-setup" name="system" open={system === open}>
          <summary>{names[system]}</summary>
          {waysOn(system, instance).map((way) => (
            <Way key={way.name} system={system} way={way} />
          ))}
        </details>
      ))}
    </div>
  );
}

function Way({ system, way }: { readonly system: System; readonly way: SetUp }): JSX.Element {
  const id = `${system}-${way.name
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '-')
    .replace(/-$/, '')}`;
  return (
    <section aria-label={`${way.name}, ${names[system]}`}>
      <h2 class="h4">{way.name}</h2>
      <p class="muted">{way.text}</p>
      {way.lines.length > 0 && (
        <Commands id={id} label={`Copy: ${way.name}, ${names[system]}`} lines={way.lines} />
      )}
    </section>
  );
}
