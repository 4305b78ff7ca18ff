/**
 * What a passkey is bound to, for the accounts library: the host name at which the dashboard is open (WebAuthn, section
 * 4, "Relying Party Identifier"). Browsers offer a passkey at no other, and it opens nothing there.
 *
 * What a device checks, a fingerprint, a face or a PIN, is the second factor. So an answer without it (the flag UV of
 * section 6.1) is refused, when a passkey is added and when it signs in: the library by itself takes both.
 */
import { passkey } from '@better-auth/passkey';
import { APIError } from 'better-auth/api';

export function relyingPartyOf(origin: string): string {
  return new URL(origin).hostname;
}

export function passkeysAt(origin: string) {
  return passkey({
    rpID: relyingPartyOf(origin),
    rpName: 'Stairgate',
    origin,
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    registration: {
      afterVerification: async ({ verification }) => {
        if (verification.registrationInfo?.userVerified !== true) throw new APIError('BAD_REQUEST', WITHOUT_UV);
      },
    },
    authentication: {
      afterVerification: async ({ verification }) => {
        if (verification.authenticationInfo.userVerified !== true) throw new APIError('UNAUTHORIZED', WITHOUT_UV);
      },
    },
  });
}

const WITHOUT_UV = { code: 'WITHOUT_USER_VERIFICATION', message: 'the device did not check who uses it' };
