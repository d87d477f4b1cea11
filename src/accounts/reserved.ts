// User names that nobody can have, since accounts live at the first segment of a path (`/octocat`) beside the
// server's own pages: every first segment of the router, and a generous list of those that may come.

/** Serving now or in issues to come; the server's start fails when a route's first segment is missing here. */
const routes = `
  api assets favicon graphql healthz metrics raw readyz robots static login logout password password-reset
  sessions setup signin signout signup join account accounts admin dashboard new settings stafftools sudo
  user users apps developers device import oauth organizations orgs repositories repos
`;

/** Words that GitHub and its relatives use for pages of their own, or that would let an account pose as one. */
const words = `
  about abuse access actions activity administrator advisories all alerts anonymous app applications
  archive archives attachments audit auth authentication avatars backup billing blob blog branches bounty
  bot business businesses changelog chat checks ci code codeload codespaces collections comments commit
  commits community compare config contact contribute contributors copilot cookies customers dependabot
  deploy deployments design dev developer diff discover discussions doc docs documentation domains
  download downloads downtime edit editor email emails enterprise enterprises error errors events everyone
  example explore export faq features feed feeds feedback files followers following forgot-password fork
  forks ghost gist gists git gpg graphs group groups guest guide guides health help home hook hooks host
  hosting hovercards html identity images img inbox index info insights installations integrations
  internal invitation invitations invite invites issue issues javascript jobs js keys labels languages
  latchkey learn legal lfs license licenses link links list lists live log log-in log-out logs logo logos
  mail maintenance manage manifest marketplace media members memberships mentions merge messages meta
  milestones mirror mirrors mobile moderator monitoring network networks news nobody nodes none
  notifications null octicons offline operator org organization owner packages page pages partners
  passkeys passwords patch payments people permissions personal personal-access-tokens ping plans popular
  postmaster preferences press pricing privacy profile profiles project projects public pull pulls rate-
  limit readme recent redirect refs register registration release releases render replies repo report
  reports repository reset resources restore review reviews root rss rules runner runners saml scim
  scripts search secrets security security-log server service services session shared shop showcases sign-
  in sign-out sign-up site sitemap sites sponsors ssh sso staff star starred stars statistics stats status
  statuses storage store stories styles stylesheets subscribe subscriptions suggestions super support
  suspended svn swagger sync sysadmin system tag tags tasks teams team templates terms test tests theme
  timeline token tokens tools topic topics tos tour training translations tree trending two-factor
  undefined unknown unsubscribe updates upload uploads username v1 v2 v3 v4 version versions views visitor
  watchers watching web webauthn webhook webhooks webmaster well-known wiki wikis workflow workflows www
`;

const reserved: ReadonlySet<string> = new Set(`${routes} ${words}`.trim().split(/\s+/));

/** Can nobody have this login? Letter case does not matter. */
export function isReserved(login: string): boolean {
  return reserved.has(login.toLowerCase());
}

/**
 * Checks at start that no account can ever stand in the way of a page.
 * @param segments the router's first path segments; parameters (`:owner`) and wildcards are left out by the
 *   caller. What can't be a login anyhow (`robots.txt`, `_app`) needs no reservation.
 * @throws Error naming those that are not reserved: add them to `routes`
 */
export function assertReserved(segments: Iterable<string>): void {
  const open = [...new Set(segments)].filter(
    (segment) => /^[a-z0-9-]+$/i.test(segment) && !isReserved(segment),
  );
  if (open.length === 0) return;
  throw new Error(
    `Path segments that an account could take: ${open.join(', ')}. Reserve them in accounts/reserved.ts`,
  );
}
