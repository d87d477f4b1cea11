// What all pages of an organisation share: its name and the tabs.
import type { FastifyReply } from 'fastify';
import type { JSX, VNode } from 'preact';
import type { Call, RouteSchema } from '../access/guard.ts';
import { Icon } from '../web/icon.tsx';
import { renderPage } from '../web/page.tsx';
import { TabLink } from '../web/tab-link.tsx';
import { organizationPath, peoplePath, settingsPath, teamsPath } from './addresses.ts';
import type { Organization, OrganizationFound } from './organizations.ts';

export type OrganizationTab = 'repositories' | 'people' | 'teams' | 'settings';

export interface OrganizationPageHead {
  /** Shown in the browser's tab before the organisation's name; none for its front page. */
  readonly title?: string;
  readonly tab: OrganizationTab;
  readonly status?: number;
}

type OrganizationCall = Pick<Call<unknown, RouteSchema>, 'request' | 'reply' | 'actor' | 'ask'>;

/** Answers with a page of an organisation. */
export function renderOrganizationPage(
  call: OrganizationCall,
  found: OrganizationFound,
  head: OrganizationPageHead,
  body: VNode,
): FastifyReply {
  const { organization } = found;
  const may = (action: 'teams.read' | 'organizations.update') => call.ask(call.actor, action, found).allowed;
  return renderPage(
    call,
    {
      title: head.title === undefined ? organization.login : `${head.title} · ${organization.login}`,
      banner: (
        <Banner
          organization={organization}
          tab={head.tab}
          isFront={head.title === undefined}
          seesTeams={may('teams.read')}
          maySet={may('organizations.update')}
        />
      ),
      ...(head.status === undefined ? {} : { status: head.status }),
    },
    body,
  );
}

interface BannerProps {
  readonly organization: Organization;
  readonly tab: OrganizationTab;
  /** Its name is the front page's heading; other pages have their own. */
  readonly isFront: boolean;
  readonly seesTeams: boolean;
  readonly maySet: boolean;
}

function Banner({ organization, tab, isFront, seesTeams, maySet }: BannerProps): JSX.Element {
  const home = organizationPath(organization);
  const name = (
    <>
      <Icon name="organization" />
      <a class="repo-name" href={home}>
        {organization.name ?? organization.login}
      </a>
    </>
  );
  return (
    <section class="repo-banner" aria-label="Organization">
      <div class="repo-title">{isFront ? <h1>{name}</h1> : <p>{name}</p>}</div>
      <nav aria-label="Pages of the organization">
        <ul class="repo-tabs">
          <TabLink href={home} icon="repo" current={tab === 'repositories'}>
            Repositories
          </TabLink>
          <TabLink href={peoplePath(organization)} icon="person" current={tab === 'people'}>
            People
          </TabLink>
          {seesTeams && (
            <TabLink href={teamsPath(organization)} icon="people" current={tab === 'teams'}>
              Teams
            </TabLink>
          )}
          {maySet && (
            <TabLink href={settingsPath(organization)} icon="gear" current={tab === 'settings'}>
              Settings
            </TabLink>
          )}
        </ul>
      </nav>
    </section>
  );
}
