-- The host name that a passkey is bound to. Those of before have none: it was not kept.
ALTER TABLE "passkey" ADD COLUMN "rp_id" TEXT;
