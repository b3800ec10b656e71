"""Every bound of the core, each with its unit and its reason."""

from typing import Final

WIRE_INTEGER_MAX: Final = 2**53 - 1
"""Largest integer that a browser reads exactly."""

PRICE_MAX: Final = 10**12
"""In 10^-price_scale: a hundred million at four decimals; PRICE_MAX x QUANTITY_MAX is checked as an amount."""
QUANTITY_MAX: Final = 10**9
"""Pieces in one order, declaration or lot."""
AMOUNT_MINOR_MAX: Final = 2**53 - 1
"""Minor units in one transfer or balance; larger results are refused before anything changes."""
INSTANT_US_MAX: Final = 2**53 - 1
"""The year 2255."""
REF_MAX: Final = 2**53 - 1

ADVERTS_KEPT: Final = 1_000
"""Adverts of stock that a snapshot of notices lists at most."""
ADVERT_KEPT_US: Final = 7 * 24 * 3_600 * 1_000_000
"""An advert is news for a week."""
LEAD_DAYS_MAX: Final = 365
"""Days until goods can leave their seller."""

PUBLIC_ID_LENGTH_MAX: Final = 32
"""Characters; a random 128-bit identifier takes 22."""
SYMBOL_LENGTH_MAX: Final = 64
"""Characters of an instrument's or a lot's public short name."""
HUB_TEXT_LENGTH_MAX: Final = 200
"""Characters of the hub's name, and of its address: a line of a shipping paper each."""
PART_NUMBER_LENGTH_MAX: Final = SYMBOL_LENGTH_MAX
"""Characters of a part number or a maker: a derived symbol has room for the number."""
DATE_CODE_MAX: Final = 2_199_53
"""Year and week as one number, YYYYWW."""
PRICE_SCALE_MAX: Final = 4
"""Decimals of a price."""

SESSION_OUTCOMES_KEPT: Final = 4_096
"""Outcomes a session remembers: more than a client may have in flight, small enough to keep for all."""
SESSIONS_PER_MEMBER_MAX: Final = 64
"""Opening one more forgets the session that was silent longest."""
IDEMPOTENCY_KEPT_US: Final = 24 * 3_600 * 1_000_000
"""How long an Idempotency-Key is remembered: a day, as its users expect."""

OPEN_ORDERS_PER_MEMBER_MAX: Final = 10_000
"""Resting orders of one member over all instruments: bounds what one member can make everybody carry."""
FOK_MAKERS_MAX: Final = 256
"""Resting orders that one FOK order may meet: asking costs nothing to the sender and about 0.1 us a maker to all."""
PASSED_OVER_MAX: Final = 256
"""Resting orders whose minimum, or the taker's, is not met and that one taker looks at before it gives up."""
SLICES_MAX: Final = 32
"""Displayed parts that one order may be divided into: bounds the trades that one taker can make of it."""
EXPIRY_US_MAX: Final = 366 * 24 * 3_600 * 1_000_000
"""How far ahead an order may expire: a year."""
CANCEL_AFTER_US_MAX: Final = 24 * 3_600 * 1_000_000
"""The longest wait of a dead-man's switch: a day."""
SUPPLIERS_PER_LOT_MAX: Final = 10_000
"""Suppliers invited to one event."""
BIDS_PER_SUPPLIER_MAX: Final = 10_000
"""Accepted bids of one supplier in one lot."""
LOTS_PER_EVENT_MAX: Final = 1_000
"""Lots of one sourcing event: what moves one of them may move all, in one command."""
EXTENSIONS_MAX: Final = 10_000
"""Extensions of one lot that an event may allow; their sum is bounded besides."""
BID_CURRENCIES_MAX: Final = 16
"""Currencies that one event may be bid in beside its own."""
RATE_PPB_MAX: Final = 1_000_000_000_000_000
"""A million of the event's currency for one unit: no two currencies lie further apart."""
STEP_BANDS_MAX: Final = 32
"""Bands of a lot's step: each refusal may look at all of them."""
CLOCK_STAGE_US_MIN: Final = 1_000_000
"""The shortest level, turn or pause of a lot's clock: each end of one is a command in the journal."""
CLOCK_STAGE_US_MAX: Final = 24 * 3_600 * 1_000_000
"""The longest level or pause: a price that changes once a day."""
TURN_US_MAX: Final = 3_600 * 1_000_000
"""The longest turn: ten rounds of ten thousand of them still end within what an instant can say."""
ROUNDS_MAX: Final = 10
"""Rounds of a lot in which bidders bid in turn."""
ENVELOPE_BYTES: Final = 288
"""A sealed bid: 240 bytes of padded text, which every bid fits in, and 48 of the seal. Divides by 3 for base64."""
PREMIUM_BPS_MAX: Final = 990_000
"""A bid by discount asks or offers a hundred times the reference at most."""
LINES_PER_LOT_MAX: Final = 100
SHIP_TO_LENGTH_MAX: Final = 200
CRITERIA_MAX: Final = 32
"""Features, and costs, of a scored lot: more than a tender weighs."""
FEATURE_OPTIONS_MAX: Final = 32
"""Options of one feature."""
WEIGHTS_BPS_MAX: Final = 9_000
"""Sum of the largest weights of all features: at 100 % a price would be worth nothing."""
FACTOR_PPM_MAX: Final = 100_000_000
"""A supplier's price compares as a hundred times itself at most, so that what compares can be shown."""
TECHNICAL_BYTES: Final = 1_536
"""A sealed technical offer: as long, whether it names one document or as many as it can."""
TECHNICAL_DOCUMENTS_MAX: Final = 16
"""Documents that a technical offer names by their hashes."""
SEED_LENGTH_MAX: Final = 128
"""Characters of the seed that decides ties by lot."""
EVENT_DURATION_US_MAX: Final = 31 * 24 * 3_600 * 1_000_000
"""From opening to close before overtime."""
DEADLINES_PER_COMMAND_MAX: Final = 64
"""Deadlines that one FireDeadlines meets, so that no single command holds up the others."""
OUTAGE_NOTICE_US: Final = 5 * 60 * 1_000_000
"""Time that an open lot has at least, after an outage, before it closes."""
TIERS_MAX: Final = 16
"""Tiers of one commission schedule: more than any price list has, few enough to walk at every charge."""
INVOICE_PERIOD_MAX: Final = 225_512
"""The last month whose instants can be written, as yyyymm."""
LINES_PER_CONSIGNMENT_MAX: Final = 256
"""Lines in one consignment or shipment: one box for hundreds of fills, and no command that holds up the others."""
CHECKS_PER_INSPECTION_MAX: Final = 32
"""Checks of one inspection: each method a few times."""

_DAY_US: Final = 24 * 3_600 * 1_000_000
DISPATCH_TERM_US: Final = 5 * _DAY_US
"""From the trade until the goods have left the seller: three working days and a weekend."""
PAYMENT_TERM_US: Final = 3 * _DAY_US
"""From the award of a surplus lot until its winner has defaulted, unless the event says another: as bank transfers take."""
BUST_TERM_US: Final = _DAY_US
"""From the trade until it can't be busted or corrected any more: both sides must be able to build on it."""
CONSIGNMENT_TERM_US: Final = 21 * _DAY_US
"""From dispatch until a consignment counts as lost: parcels over sea borders take two weeks."""
INSPECTION_TERM_US: Final = 5 * _DAY_US
"""The hub's own, from receipt to inspection."""
DECISION_TERM_US: Final = 3 * _DAY_US
"""The buyer's, to take conditional goods; then they are refused, since nobody has to take what it did not order."""
SHIPMENT_TERM_US: Final = 3 * _DAY_US
"""The hub's own, from a passed inspection to the shipment."""
RECEIPT_TERM_US: Final = 21 * _DAY_US
"""From shipment until it counts as received in full."""
ACCEPTANCE_TERM_US: Final = 7 * _DAY_US
"""From receipt until silence is acceptance: time for the buyer's own incoming inspection."""
GUARANTEE_TERM_US: Final = 90 * _DAY_US
"""From acceptance: parts are soldered and tested within a quarter."""
ANSWER_TERM_US: Final = 5 * _DAY_US
"""The seller's, to answer a claim; then the operator decides without it."""
CALL_US_MAX: Final = 24 * 3_600 * 1_000_000
"""The longest call auction, before its random end."""
CALL_RANDOM_US_MAX: Final = 30 * 1_000_000
"""A call ends at a random instant within this after its duration, so that nobody can wait for the last one."""
BREACH_CALL_US: Final = 5 * 60 * 1_000_000
"""How long a call lasts that a price outside the dynamic band starts, unless the instrument says otherwise."""
CALL_EXTENSIONS_MAX: Final = 2
"""How often a call is prolonged since its price would leave the dynamic band; then it trades at that price."""
DOCUMENTS_MAX: Final = 32
"""Documents of one version of an event's terms."""
QUESTIONS_MAX: Final = 64
"""Questions of one questionnaire: a form that a person fills in at one sitting."""
CHOICES_MAX: Final = 32
"""Choices of one question."""
INVITED_AT_ONCE_MAX: Final = 256
"""Suppliers in one invitation: a shortlist, and no command that holds up the others."""
OPEN_INQUIRIES_MAX: Final = 20
"""Unanswered inquiries of one supplier in one event."""
ADDENDA_MAX: Final = 100
"""Addenda of one event: each makes every bidder accept again."""
