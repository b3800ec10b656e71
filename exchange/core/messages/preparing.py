"""Everything that prepares a bid, as one union of commands and one of events."""

from exchange.core.messages.changing import ChangingCommand, ChangingEvent
from exchange.core.messages.cloning import CloneEvent
from exchange.core.messages.inquiries import InquiryCommand, InquiryEvent
from exchange.core.messages.invitations import InvitationCommand, InvitationEvent
from exchange.core.messages.preview import PreviewEvent
from exchange.core.messages.qualification import QualificationCommand, QualificationEvent
from exchange.core.messages.suppliers import SupplierCommand, SupplierProfileSet

PreparingCommand = (
    ChangingCommand | QualificationCommand | CloneEvent | InvitationCommand | InquiryCommand | SupplierCommand
)
PreparingEvent = (
    ChangingEvent | PreviewEvent | QualificationEvent | InvitationEvent | InquiryEvent | SupplierProfileSet
)
