using System.Text;
using MsVit.Trainer;

namespace MsVit.Tests.Trainer;

public sealed class TerminalStreamTests
{
    [Fact]
    public void What_is_written_to_a_closed_terminal_goes_nowhere()
    {
        using var terminal = new Terminal();
        using var writer = new StreamWriter(new TerminalStream(terminal)) { AutoFlush = true };
        writer.Write("epoch 1");
        terminal.IsClosed = true;
        writer.Write("epoch 2");
        Assert.Equal("epoch 1", Encoding.UTF8.GetString(terminal.ToArray()));
    }

    private sealed class Terminal : MemoryStream
    {
        public bool IsClosed { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (IsClosed)
            {
                throw new IOException("Input/output error");
            }
            base.Write(buffer);
        }
    }
}
