-- migrate:up

-- What else a mail says, in the words of `outbound/award_words.py`, as its reader may know it when it is queued.
alter table mails add column details text not null default '';

-- migrate:down

alter table mails drop column details;
