"""Everything between a draft and the first bid, as one union of commands and one of events."""

from exchange.core.messages.changing import ChangingCommand, ChangingEvent
from exchange.core.messages.inquiries import InquiryCommand, InquiryEvent
from exchange.core.messages.invitations import InvitationCommand, InvitationEvent
from exchange.core.messages.qualification import QualificationCommand, QualificationEvent

PreparingCommand = ChangingCommand | QualificationCommand | InvitationCommand | InquiryCommand
PreparingEvent = ChangingEvent | QualificationEvent | InvitationEvent | InquiryEvent
