using System.Net.Sockets;
using System.Text;
using MsVit.Tests.Hosting;
using MsVit.Tests.Support;

namespace MsVit.Tests.Samples;

[Trait(LongTests.Trait, LongTests.Long)]
public sealed class ShutdownTests(ServedDots dots) : IClassFixture<ServedDots>
{
    private const int Clients = 8;

    [LinuxFact("SIGTERM")]
    public async Task SIGTERM_under_load_loses_no_request_that_was_accepted()
    {
        using var process = FreshProcess.Start(FreshProcess.SampleVerb, "web", "--model", dots.First, "--urls", "http://127.0.0.1:0");
        _ = process.StandardError.ReadToEndAsync();
        var address = await Address(process.StandardOutput);
        _ = process.StandardOutput.ReadToEndAsync();
        var answered = 0;
        var clients = Enumerable.Range(0, Clients).Select(client => Task.Run(async () =>
        {
            for (var i = client; await Ask(address, dots.Images[i]); i = (i + 1) % dots.Images.Count)
            {
                Interlocked.Increment(ref answered);
            }
        })).ToArray();
        while (Volatile.Read(ref answered) < 50 && !process.HasExited)
        {
            await Task.Delay(10);
        }
        FreshProcess.Terminate(process);
        await Task.WhenAll(clients);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        Assert.InRange(answered, 50, int.MaxValue);
    }

    // Whether the server accepted the request, which it says by asking for the body; then it must answer.
    private static async Task<bool> Ask(Uri address, byte[] image)
    {
        using var socket = new TcpClient();
        var accepted = false;
        try
        {
            await socket.ConnectAsync(address.Host, address.Port);
            await using var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /predict HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: "
                    + $"image/png\r\nContent-Length: {image.Length}\r\n\r\n"));
            var buffer = new byte[1024];
            if (await stream.ReadAsync(buffer) is not (> 0 and var read)
                || !Encoding.ASCII.GetString(buffer, 0, read).StartsWith("HTTP/1.1 100", StringComparison.Ordinal))
            {
                return false;
            }
            accepted = true;
            await stream.WriteAsync(image);
            using var rest = new StreamReader(stream);
            var answer = await rest.ReadToEndAsync();
            Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
            Assert.Contains("probability", answer, StringComparison.Ordinal);
            return true;
        }
        catch (Exception e) when (!accepted && e is (SocketException or IOException))
        {
            return false;
        }
    }

    private static async Task<Uri> Address(StreamReader output)
    {
        const string Listening = "Now listening on: ";
        while (await output.ReadLineAsync() is { } line)
        {
            if (line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var at)
            {
                return new(line[(at + Listening.Length)..]);
            }
        }
        throw new InvalidOperationException("The sample ended before it listened.");
    }
}
