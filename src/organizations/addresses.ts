// The addresses of organisations' pages. Every name in them is encoded here and nowhere else.

interface Named {
  readonly login: string;
}

/** `/acme`: its repositories. */
export function organizationPath({ login }: Named): string {
  return `/${encodeURIComponent(login)}`;
}

export function peoplePath({ login }: Named): string {
  return `/orgs/${encodeURIComponent(login)}/people`;
}

export function teamsPath({ login }: Named): string {
  return `/orgs/${encodeURIComponent(login)}/teams`;
}

export function teamPath(team: { readonly organizationLogin: string; readonly slug: string }): string {
  return `${teamsPath({ login: team.organizationLogin })}/${encodeURIComponent(team.slug)}`;
}

export function settingsPath({ login }: Named): string {
  return `/organizations/${encodeURIComponent(login)}/settings`;
}

/** Where who was invited answers. */
export function invitationPath({ login }: Named): string {
  return `/orgs/${encodeURIComponent(login)}/invitation`;
}
