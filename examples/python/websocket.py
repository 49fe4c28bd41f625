"""A client in Python, with nothing but the `websockets` package.

Needs an executor: `cc-executor serve --auth none`.
"""

import asyncio
import json
import os

import websockets

URL = os.environ.get("CC_EXECUTOR_WEBSOCKET_URL", "ws://127.0.0.1:8004/ws")
TOKEN = os.environ.get("CC_EXECUTOR_TOKEN")


def connect():
    headers = {"Authorization": f"Bearer {TOKEN}"} if TOKEN else {}
    # The parameter was renamed in version 14.
    name = "additional_headers" if int(websockets.__version__.split(".")[0]) >= 14 else "extra_headers"
    return websockets.connect(URL, **{name: headers}, max_size=None)


async def main():
    async with connect() as socket:

        async def send(method, params, request_id=None):
            message = {"jsonrpc": "2.0", "method": method, "params": params}
            if request_id is not None:
                message["id"] = request_id
            await socket.send(json.dumps(message))

        await send("initialize", {"protocolVersion": 1, "client": {"name": "example-python", "version": "1.0.0"}}, 1)
        await send("job/start", {"kind": "command", "cwd": os.getcwd(), "argv": ["seq", "1", "3"]}, 2)

        output = ""
        async for text in socket:
            message = json.loads(text)
            if "error" in message:
                raise SystemExit(message["error"]["message"])
            params = message.get("params", {})
            if message.get("method") == "job/output":
                output += params["data"]
                print(params["data"], end="", flush=True)
                # More output may be sent once this has been dealt with.
                await send("job/credit", {"jobId": params["jobId"], "bytes": params["bytes"]})
            elif message.get("method") == "job/closed":
                print(params["jobId"], params["outcome"]["status"])
                assert params["outcome"] == {"status": "succeeded"}, params
                break
        assert output == "1\n2\n3\n", output


asyncio.run(main())
