/* What contract.md leaves open, as the reference card decides it. Each point names the section it belongs to; the rule
 * itself is in the file in parentheses. Points marked * are the card's own choice among answers that the contract
 * allows or does not speak about: generated suites do not assert them.
 *
 * SECTION 3: ORDER OF CHECKS
 *  1. Commands before the first SELECT by AID after reset: 6985, unknown INS too, as before operational.*  (dispatch)
 *  2. Class 80 belongs to custom commands, which do not exist yet: 6D00. Every other class that is neither
 *     interindustry nor 80 is 6E00. Of several faults in a class, channel goes before chaining before secure messaging.
 *     (dispatch)
 *  3. A command shorter than its header is 6700. Length fields that fit no case of ISO/IEC 7816-4, and extended ones
 *     where the AP is `apdu="short"`, are 6700 in the order of number 6, so that a wrong class, life cycle, INS or
 *     P1-P2 goes first. (dispatch)
 *  4. Le on a command without response data is ignored; data on a READ is 6700.* (binary, record)
 *  5. The commands on PINs and on records exist in every AP, also in one without PINs (6A88) or records (6981);
 *     APPEND RECORD, GET DATA, GET CHALLENGE and the administrative commands do not exist (6D00).* (dispatch)
 *  6. Lengths that depend on the object (of a PIN or PUK, the end of a file) belong to number 10: a blocked PIN is 6983
 *     and a refused access 6982 whatever the length. (verify, change, reset, binary)
 *  7. Whether a PIN offers a form (P1) of CHANGE REFERENCE DATA or RESET RETRY COUNTER belongs to number 5 although the
 *     PIN has to be looked up for it; a reference that does not exist is left to number 7 (6A88). (change, reset)
 *
 * SECTION 4: ALL OR NOTHING
 *  8. A change too long for the log of nv.h (extended APDUs, long fields) goes through scratch memory and one mark; it
 *     is all or nothing too. (layout)
 *
 * SECTION 5: SELECT
 *  9. The whole AID selects; a beginning of it is an unknown AID: 6A82, and nothing changes.* (select)
 * 10. The FCI is 6F { 84 AID, A5 empty }. No Le counts as 00; an explicit Le below its length is 6700.* (select)
 * 11. P1 = 01 and 03 answer 6A82, since there are no DFs in an AP yet; other P1 (the MF too), and P2 other than 0C for
 *     an EF or DF, 6A86.* (select)
 * 12. SELECT by AID answers alike in all states: with FCI for P2 = 00, without data for 0C. (select)
 * 13. A wrong Lc comes before the EF is looked for, so the SFI form of a command with a wrong Lc does not make that EF
 *     current. (binary, record)
 *
 * SECTION 6: FILES
 * 14. "To the end" in one response is at most 256 bytes for a short Le field and for none, 65536 for an extended one;
 *     the rest takes another command with its offset. (binary)
 *
 * SECTION 7: PINS
 * 15. With a length that is not fixed, CHANGE REFERENCE DATA P1 = 00 takes the old value in its stored form: `stored`
 *     bytes, padded; the new value follows with its own bytes. Without `stored` nobody could tell where the old value
 *     ends: that form is then not offered (6A86; the compiler refuses such a description before). (change)
 * 16. Padding is of the store, not of the value: with pad=FF the digits of a PIN followed by FF are a wrong value, also
 *     where the store holds just these bytes. Only where the old value comes in its stored form (15) is that compared:
 *     with the old value, and for novelty (6A80) with the stored form of the new one. (pin, change)
 * 17. `format` holds for values that are stored (CHANGE, RESET RETRY COUNTER, personalisation). A presented value is
 *     compared only: one of the wrong characters is a wrong value. (change, reset, verify)
 * 18. P1 = 01 of CHANGE REFERENCE DATA does not compare the new value with the stored one: that would answer a question
 *     about the PIN without a try. (change)
 * 19. P1 = 01 stands under the rule pin(x): refused 6985 while x is in transport, else 6982. (change)
 * 20. A wrong old value clears an earlier verification, as a wrong VERIFY does; any other refusal keeps it. (pin)
 * 21. A wrong PUK uses a try of the PUK only, and keeps an earlier verification of the PIN.* (pin)
 * 22. RESET RETRY COUNTER with the PUK restores the tries of the PUK too; 02 and 03 leave them. (reset)
 * 23. 00 and 02 return to transport only a PIN whose initial value was a transport value. (reset)
 * 24. RESET RETRY COUNTER may set the value that the PIN had: it is not compared. (reset)
 * 25. In transport VERIFY without data answers 63Cx. (verify)
 *
 * SECTION 10: PERSONALISATION
 * 26. A reference card is a model on a desk: its own commands of personalisation need no loading key. They are not
 *     there any more (6D00) once the AP is operational, and it does not get there while a value is missing. (dispatch,
 *     personalise)
 */
#ifndef IGATA_SIM_REFERENCE_OPEN_POINTS_H
#define IGATA_SIM_REFERENCE_OPEN_POINTS_H
#endif
