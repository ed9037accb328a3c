#include "runtime/load/trust.h"

bool trust_allows(const struct image *img, bool simulated, bool accept_test_signed, struct diag_list *d)
{
	struct srcloc nowhere = {0};
	if (img->trust == IMAGE_TRUSTED)
		return true;
	if (simulated) {
		diag_add(d, nowhere, DIAG_TRUST_SIMULATED, image_trust_text(img->trust, "en"),
		    image_trust_text(img->trust, "ja"), NULL);
		return true;
	}
	switch (img->trust) {
	case IMAGE_UNSIGNED:
		return diag_add(d, nowhere, DIAG_TRUST_UNSIGNED, NULL);
	case IMAGE_TEST_SIGNED:
		return accept_test_signed ? true : diag_add(d, nowhere, DIAG_TRUST_TEST_SIGNED, NULL);
	case IMAGE_UNKNOWN_KEY:
		return diag_add(d, nowhere, DIAG_TRUST_UNKNOWN, img->signer, NULL);
	case IMAGE_TRUSTED:
		break;
	}
	return true;
}
