"""The tokens of a title, by which it is found and compared: no model, no download.

They are the words that jieba finds in it, without the empty ones, and every two characters that stand beside
each other; what stands in brackets is left out. rjieba's dictionary takes about 33 MB of a process, and only of one
that cuts words.
"""

import re
from functools import lru_cache

_RUN = re.compile(r"[\u4e00-\u9fff]+")
_ASIDE = re.compile(r"（[^（）]*）|\([^()]*\)")  # says who or which, and not what
_WORD = re.compile(r"[\u4e00-\u9fff]|[0-9a-z]")
_EMPTY_WORDS = """
    的 了 和 与 及 或 在 是 有 要 想 给 为 个 一 这 那 也 都 就 又 很 太 不 没 去
    来 到 把 被 对 从 用 能 会 可 可以 需要 想要 希望 提供 免费 爱心 没有 一个 一些 一位
    一名 我 我们 他 她 你 您 请 帮 帮忙 帮助 求助 急需 需求 服务 家里 家中 因 因为 所以
    着 过 吗 呢 吧 啊 还 已 已经 等 各 每 每次 各种 有人 人
"""
EMPTY = frozenset(_EMPTY_WORDS.split())


@lru_cache(maxsize=2_000)
def words_of(title: str) -> tuple[str, ...]:
    """Return the tokens of a title, in order of their code points."""
    import rjieba  # 33 MB, for processes that cut words

    text = (_ASIDE.sub(" ", title).strip() or title).lower()
    words = {word for word in rjieba.cut(text) if word not in EMPTY and _WORD.search(word)}
    pairs = {run[i : i + 2] for run in _RUN.findall(text) for i in range(len(run) - 1)}
    return tuple(sorted(words | {pair for pair in pairs if not EMPTY.intersection(pair)}))


@lru_cache(maxsize=50_000)
def is_pair(token: str) -> bool:
    """Tell whether two characters are no word of their own."""
    import rjieba

    return len(token) == 2 and rjieba.cut(token) != [token]
