/* Names and numbers of ISO/IEC 7816-4, -8 and -9 that more than one module needs. Codings are not here: an encoder
 * (compiler) and a decoder (simulated card) each write their own. */
#ifndef IGATA_BASE_ISO7816_H
#define IGATA_BASE_ISO7816_H

/* Instructions: 7816-4:2020 table 4; the last ones from 7816-9. */
enum iso_ins {
	INS_DEACTIVATE_FILE = 0x04,
	INS_VERIFY = 0x20,
	INS_CHANGE_REFERENCE_DATA = 0x24,
	INS_RESET_RETRY_COUNTER = 0x2c,
	INS_ACTIVATE_FILE = 0x44,
	INS_EXTERNAL_AUTHENTICATE = 0x82,
	INS_GET_CHALLENGE = 0x84,
	INS_INTERNAL_AUTHENTICATE = 0x88,
	INS_SELECT = 0xa4,
	INS_READ_BINARY = 0xb0,
	INS_READ_RECORD = 0xb2,
	INS_GET_RESPONSE = 0xc0,
	INS_GET_DATA = 0xca,
	INS_UPDATE_BINARY = 0xd6,
	INS_PUT_DATA = 0xda,
	INS_PUT_DATA_ODD = 0xdb,
	INS_UPDATE_RECORD = 0xdc,
	INS_CREATE_FILE = 0xe0,
	INS_APPEND_RECORD = 0xe2,
	INS_DELETE_FILE = 0xe4,
	INS_TERMINATE_DF = 0xe6,
};

/* Tags of file control information: 7816-4:2020 table 11. */
enum iso_tag {
	TAG_FCP = 0x62,
	TAG_FMD = 0x64,
	TAG_FCI = 0x6f,
	TAG_FILE_SIZE = 0x80,
	TAG_TOTAL_SIZE = 0x81,
	TAG_DESCRIPTOR = 0x82,
	TAG_FID = 0x83,
	TAG_DF_NAME = 0x84,
	TAG_SFI = 0x88,
	TAG_LIFE_CYCLE = 0x8a,
	TAG_COMPACT_AC = 0x8c,
	TAG_SE_FILE = 0x8d,
	TAG_PROPRIETARY = 0xa5,
};

enum { FID_MF = 0x3f00 };

/* An AID is 5 to 16 bytes: 7816-5; its first five are the RID. */
enum { AID_MIN = 5, AID_MAX = 16, RID_LEN = 5 };

#endif
