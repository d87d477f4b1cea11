// `POST /login/device/code`, and what a program with a device code asks for at the address of tokens (ghes-spec 8.2).
import { createCounters } from '../access/counters.ts';
import { networkOf } from '../access/networks.ts';
import type { Context } from '../context.ts';
import { knownScopes } from '../scopes/scopes.ts';
import { Secret } from '../secrets/secret.ts';
import { beginDevice, DEVICE_LIFE_SECONDS, POLL_INTERVAL_SECONDS, pollDevice } from './device.ts';
import {
  isAnswer,
  type MachineAnswer,
  type MachineCall,
  type MachineRoutes,
  tokenAnswer,
} from './machines-rest.ts';

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
/** How many codes one network is given within an hour: each is a row that waits for fifteen minutes. */
const CODES_PER_HOUR = 300;
const MAX_NETWORKS = 10_000;

export function deviceRoutes(routes: MachineRoutes, ctx: Pick<Context, 'config' | 'now'>): void {
  const given = createCounters({ now: ctx.now, windowMs: 60 * 60_000, maxNames: MAX_NETWORKS });
  routes.post('/login/device/code', 'device-codes.issue', async (call) => {
    const application = await call.identified();
    if (isAnswer(application)) return application;
    // gh takes 400 with this code as "use the web flow" (ghes-spec 8.2).
    if (!application.deviceFlow) return { ...call.fail('device_flow_disabled'), status: 400 };
    const { used } = given.add(networkOf(call.ctx.by.address ?? ''), 1);
    if (used > CODES_PER_HOUR) return { ...call.fail('slow_down'), status: 429 };
    const { deviceCode, userCode } = await beginDevice(
      call.ctx,
      application,
      knownScopes(call.parameter('scope') ?? ''),
    );
    return {
      fields: {
        device_code: deviceCode.expose(),
        user_code: userCode,
        verification_uri: `${ctx.config.url}/login/device`,
        expires_in: DEVICE_LIFE_SECONDS,
        interval: POLL_INTERVAL_SECONDS,
      },
    };
  });
}

/** No secret is asked for: programs that people run can't keep one. */
export async function grantForDevice(call: MachineCall): Promise<MachineAnswer> {
  const application = await call.identified();
  if (isAnswer(application)) return application;
  if (!application.deviceFlow) return call.fail('device_flow_disabled');
  const code = call.parameter('device_code');
  if (code === null) return call.fail('incorrect_device_code');
  const polled = await pollDevice(call.ctx, application, new Secret(code));
  if (polled.ok) return tokenAnswer(polled.issued);
  switch (polled.because) {
    case 'slow_down': {
      const { fields } = call.fail('slow_down');
      return { fields: { ...fields, interval: polled.intervalSeconds } };
    }
    case 'too_many_tokens':
      return call.fail('temporarily_unavailable');
    default:
      return call.fail(polled.because);
  }
}
