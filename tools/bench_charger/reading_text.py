# The answers of a reading (see loadrail_site.readings) as one typed word each, and back.

from loadrail_site.readings import READINGS


def answer_text(answer):
    """(3, 4) -> "3,4"; True -> "yes"; the others as they are."""
    if answer is True or answer is False:
        return "yes" if answer else "no"
    if isinstance(answer, tuple):
        return ",".join([str(number) for number in answer])
    return str(answer)


def answer_of(question, text):
    """The answer that a word means. ValueError with what is allowed."""
    if question not in READINGS:
        raise ValueError('no reading "%s"; %s' % (question, ", ".join(sorted(READINGS))))
    for answer in READINGS[question]:
        if answer_text(answer) == text:
            return answer
    raise ValueError('%s takes no "%s"; %s' % (question, text, answers(question)))


def answers(question):
    """What a question may be answered with, for a person."""
    return " | ".join([answer_text(answer) for answer in READINGS[question]])
