"""A step of a datatrove pipeline that removes repeated paragraphs from each document, by the program tikrar."""
import json, subprocess
from itertools import islice

from datatrove.pipeline.base import PipelineStep


class RepeatedParagraphs(PipelineStep):
    """
    Args:
        options: of `tikrar clean`, such as "--level=orthography"
        program: its name, or its path on every node
        batch: so many documents are cleaned by one process
    """

    type = "✂️ - FORMAT"
    name = "tikrar"

    def __init__(self, *options, program="tikrar", batch=10_000):
        super().__init__()
        self.command = [program, "clean", "-q", "-j1", "--no-config", "--format=jsonl", "--text-field=text", *options]
        self.batch = batch

    def run(self, data, rank=0, world_size=1):
        data = iter(data)
        while documents := list(islice(data, self.batch)):
            with self.track_time("batch"):
                lines = "".join(json.dumps({"id": document.id, "text": document.text}) + "\n" for document in documents)
                cleaned = subprocess.run(self.command, input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
            for document, line in zip(documents, cleaned.splitlines(), strict=True):
                text = json.loads(line)["text"]
                if text != document.text:
                    self.stat_update("changed")
                document.text = text
                self.update_doc_stats(document)
                yield document
