/* What contract.md leaves open, as the reference card decides it. Each point names the section it belongs to; the rule
 * itself is in the file in parentheses. Points marked * are the card's own choice among answers that the contract
 * allows or does not speak about: generated suites do not assert them. A number is the name of a point, not its place.
 *
 * SECTION 3: ORDER OF CHECKS
 *  1. Commands before the first SELECT by AID after reset: 6985, unknown INS too, as before operational.*  (dispatch)
 *  2. Class 80 belongs to custom commands and counters; with secure messaging it becomes 8C (88) as 00 becomes 0C (08).
 *     Every other class that is neither interindustry nor 80 is 6E00, also 84, and 88 and 8C where 08 and 0C are 6882.
 *     Of several faults in a class, channel goes before chaining before secure messaging. (dispatch)
 *  3. A command shorter than its header is 6700. Length fields that fit no case of ISO/IEC 7816-4, and extended ones
 *     where the AP is `apdu="short"`, are 6700 in the order of number 6, so that a wrong class, life cycle, INS or
 *     P1-P2 goes first. (dispatch)
 *  4. Le on a command without response data is ignored in plain; data on a READ is 6700.* (binary, record)
 *  5. VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, READ and UPDATE RECORD exist in every AP, also in one without
 *     PINs (6A88) or records (6981). APPEND RECORD exists where there are record files, GET and PUT DATA where there
 *     are data objects, CHANGE KEY (80 32) in jicsap, INCREASE and DECREASE where a counter has that INS, DEACTIVATE,
 *     ACTIVATE FILE and TERMINATE DF where the AP has the rule, GET CHALLENGE, EXTERNAL and INTERNAL AUTHENTICATE where
 *     it has any key; elsewhere they are 6D00.* (dispatch)
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
 * 11. Above the AP's own DF there is none: P1 = 03 in it is 6A82. Other P1 (the MF too), and P2 other than 0C for an
 *     EF or DF, 6A86.* (select)
 * 12. SELECT by AID answers alike in all states: with FCI for P2 = 00, without data for 0C. (select)
 * 13. A wrong Lc comes before the EF is looked for, so the SFI form of a command with a wrong Lc does not make that EF
 *     current. (binary, record)
 *
 * 30. A nested DF with a name of its own is selected by it from everywhere, as the AP is: everything of the session
 *     goes, the FCI has that name. (select)
 * 31. DF-local status is that of the PINs and keys that are not the AP's own. SELECT of a child or parent DF clears all
 *     of it, also of a DF that is or contains the new one. (file)
 * 32. EFs, data objects and in jicsap IEFs are those of the current DF. P2 = 80 | reference means the PIN or key of the
 *     current DF, or of the nearest DF around it that has this reference. (file)
 * 33. SELECT EF of the FID of a DF, and SELECT of a child DF by the FID of an EF, are 6A82. (file, select)
 *
 * SECTION 6: FILES
 * 14. "To the end" in one response is at most 256 bytes for a short Le field and for none, 65536 for an extended one;
 *     the rest takes another command with its offset. (binary)
 *
 * 34. READ RECORD without Le, or with Le 00, returns at most what point 14 says. Mode 05 returns the records that fit
 *     there; an explicit Le is compared with that, not with fewer records. A first record that does not fit is 6700.
 *     (record)
 * 35. APPEND RECORD: P1 = 00, P2 = SFI || 000, else 6A86. A full linear file is 6A84, whatever the length. (record)
 * 36. A record longer than a linear-variable file has them is 6700, in UPDATE and in APPEND; a shorter one makes the
 *     record shorter. (records)
 * 37. A cyclic file begins with its initial records, the first being the newest; UPDATE RECORD changes no order.
 *     (records)
 * 38. Counters: P1 = 00, P2 = SFI or 00; other P1-P2 6A86, SFI 31 6A82. An EF that is no counter, or a counter with
 *     another INS, is 6981; the file says whether an INS increases or decreases it. A wrong width of the amount, and an
 *     explicit Le below the width, are 6700. The amount 0 is given. READ BINARY reads a counter (its width in bytes),
 *     UPDATE BINARY does not write one (6981). (counter, binary)
 * 39. GET DATA returns the value without tag and length. An object that never got a value is there and empty. An
 *     explicit Le below its length is 6700, above it 9000.* PUT DATA longer than the object may be is 6A84, without
 * data 6700. (data)
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
 * 40. resets-to="holder": RESET RETRY COUNTER 00 and 02 leave the PIN with a value of the holder's, also when it was in
 *     transport. (reset)
 * 41. A PIN without a value: every VERIFY is 6985, whatever its length; CHANGE P1 = 00, where offered, and every form
 * of RESET RETRY COUNTER that is offered are 6985. P1 = 01 is there until it has one, also where `change` does not
 *     offer it. After that it is a PIN like any other, and never without value again. A rule that names it is refused
 *     with 6982. (verify, change, reset)
 * 42. jicsap: what the short identifier in P2 names becomes the current EF, also when it is no PIN (6981); P2 = 80 is
 *     6986 without a current EF and 6981 when that is none; every other P2 6A88. READ BINARY and the like on an IEF are
 *     6981. CHANGE KEY wants P1 = 00. A blocked PUK is 6984 too. (file, change)
 * 25. In transport VERIFY without data answers 63Cx. (verify)
 *
 * SECTION 8: KEYS AND AUTHENTICATION
 * 50. GET CHALLENGE without Le counts as 00.* Both 08 and 10 are given in every AP with keys; the AP's longest is 10
 *     where an AES key is external, else 08. (challenge)
 * 51. Keys and PINs have name spaces of their own in iso. A key whose use is another is 6A88, as one that is not there.
 *     (authenticate)
 * 52. A challenge of the wrong length, none, and mutual authentication inside secure messaging belong to number 9
 * (6985), the length of the cryptogram to number 10 (6700). A failed SELECT keeps the challenge, one of an EF or DF
 * ends it. (authenticate, select)
 * 53. An explicit Le that is not the length of the answer is 6700; no Le counts as 00.* (authenticate)
 * 54. INTERNAL AUTHENTICATE stands under no rule and counts no tries. A symmetric key takes exactly one block; an
 *     asymmetric one 8 bytes and more, of which it signs the hash. An ECDSA signature is r || s, made
 *     deterministically (RFC 6979). (authenticate, crypto/signature)
 * 55. A failed mutual authentication clears auth() of its key also while a session that this key opened goes on; the
 *     session stays. (authenticate)
 *
 * SECTION 9: SECURE MESSAGING
 * 56. An AP has secure messaging when some rule says sm() of a mutual key, or sm() of any and it has one; else 0C is
 *     6882. A mutual key that no sm() names gives auth() and opens no session. Class 08 is there when some rule says
 *     sm(enc). (secure)
 * 57. The level of a command is enc+mac when its data field is encrypted or absent and its response data, if this kind
 *     of command has any, are encrypted too (sm-response); mac when one of them is in clear under the MAC. So with
 *     sm-response="mac" no READ satisfies sm(enc) or sm(enc+mac), but an UPDATE may. Class 08 is enc. (dispatch)
 * 58. "81 where only enc is used" is class 08. In class 0C an object 81 is a command of level mac, and refused by the
 *     rule, not by secure messaging. (protect)
 * 59. Data objects that would be empty are left out; an empty one is 6988. 97 has one byte, or two of extended length
 *     (where the AP is short: 6700). The outer Le is not looked at.* Outer lengths that fit no case are 6987. (protect)
 * 60. Where there is response data no 97 counts as 97 00. The most that fits is 223 bytes for AES, 231 for DES, 239
 *     under sm-response="mac"; an explicit Le above is 6700. (dispatch, protect)
 * 61. However a session ends (a fault, a plain command with sm-plain="end", a session in its place), auth() of its key
 *     and the PINs verified inside it go with it. A plain command refused by number 1 or 2 ends nothing, and neither
 *     does a protected one. (secure)
 * 62. A session of a nested DF's key goes on when that DF is left; auth() of the key does not. (file)
 * 63. jicsap-86: 86 with 01 || cryptogram, 96 with one byte, or three as an extended Le field has; class 08, IV =
 *     E(KS.ENC, SSC), also with DES, SSC counted once for command and answer; the answer is 86 and the status word,
 * bare without data. Every fault is 6988: there is no 8E to miss. (protect)
 *
 * CUSTOM COMMANDS
 * 64. P1-P2 are 0000, else 6A86. Lc, and an explicit Le, are exactly the lengths the description makes, else 6700 in
 *     number 6; no Le counts as 00. Then the rule of the command, then the steps in order: `require` as any rule,
 *     `compare` and bounds of a counter 6985, a full file 6A84, a record that does not fit 6700. A step sees what
 *     earlier steps wrote. (custom)
 * 65. Operands compare as unsigned big-endian numbers, a shorter one with zeros in front. (custom)
 * 66. What one command writes must fit the log (about 4 KiB), else 6A84 and nothing is done.* (custom)
 *
 * SECTION 10: LIFE CYCLE AND PERSONALISATION
 * 43. Block, unblock and terminate are DEACTIVATE FILE 00 04, ACTIVATE FILE 00 44 and TERMINATE DF 00 E6 of ISO/IEC
 *     7816-9, with P1-P2 0000 (else 6A86) and no data (6700). They act on the AP, whatever file or DF is current, and
 *     leave the session as it is. (life)
 * 44. A blocked AP can be terminated. It answers 6985 to everything but SELECT by AID, ACTIVATE FILE, TERMINATE DF, and
 *     what their rules need: VERIFY of a PIN, EXTERNAL AUTHENTICATE with a key that one of the two names, GET CHALLENGE
 *     when they name a key. By the letter of section 10 ("every other command 6985") a blocked AP would refuse these,
 *     and ACTIVATE FILE itself; then no rule that asks for a PIN or a key could be met after a reset, and "and back"
 *     would be empty. Suites show what both readings give: in the session of the block, where nothing has to be
 *     presented again, as given; behind a reset, a card may refuse to be shown the PIN or key, and the suite ends.
 *     (life)
 * 45. ACTIVATE FILE in an AP that is not blocked is 6985, after its rule was asked. (life)
 * 46. A per-card value of a counter has its width and lies in its bounds, else 6A80. (personalise)
 * 26. A reference card is a model on a desk: its own commands of personalisation need no loading key. They are not
 *     there any more (6D00) once the AP is operational, and it does not get there while a value is missing. (dispatch,
 *     personalise)
 */
#ifndef IGATA_SIM_REFERENCE_OPEN_POINTS_H
#define IGATA_SIM_REFERENCE_OPEN_POINTS_H
#endif
