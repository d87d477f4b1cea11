// Asking in nobody's name: what everybody sees, whoever looks.
import { anonymous } from './actor.ts';
import { decide } from './decide.ts';
import type { Asker } from './visible.ts';

export const stranger: Asker = Object.freeze({ actor: anonymous, ask: decide });
