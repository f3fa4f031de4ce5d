using System.Text;

namespace MsVit.Trainer;

/// <summary>Output to a terminal that may be closed while msvit runs.</summary>
/// <remarks>
/// Writing to a closed terminal fails, sooner than SIGHUP arrives, and would end a training before it saves. So what is written from then
/// on goes nowhere: nobody is there to read it.
/// </remarks>
/// <param name="terminal">The terminal.</param>
internal sealed class TerminalStream(Stream terminal) : Stream
{
    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Makes the console's writers outlive its terminal. Redirected output keeps its errors.</summary>
    public static void Use()
    {
        if (!Console.IsOutputRedirected)
        {
            Console.SetOut(Writer(Console.OpenStandardOutput()));
        }
        if (!Console.IsErrorRedirected)
        {
            Console.SetError(Writer(Console.OpenStandardError()));
        }
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        try
        {
            terminal.Write(buffer);
        }
        catch (IOException)
        {
            // The terminal was closed.
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    private static StreamWriter Writer(Stream terminal) =>
        new(new TerminalStream(terminal), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
}
