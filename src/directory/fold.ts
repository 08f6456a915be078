/**
 * The form in which two texts are the same without regard to case: NFC, lower case, NFC again, since lowering can decompose.
 * Used for user names, e-mail addresses, group and role names (RFC 7643 caseExact false; RFC 8265 UsernameCaseMapped without width mapping).
 */
export const fold = (text: string): string => text.normalize('NFC').toLowerCase().normalize('NFC')
