using System.Runtime.InteropServices;

namespace MsVit.Trainer;

/// <summary>Turns Ctrl-C and SIGTERM into cancellation; a second one ends the process immediately.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;

    /// <param name="error">Where to print the message.</param>
    /// <param name="answer">The message for the first one.</param>
    public Interrupt(TextWriter error, string answer)
    {
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            if (!_source.IsCancellationRequested)
            {
                context.Cancel = true;
                error.WriteLine(answer);
                _source.Cancel();
            }
        }))];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        Array.ForEach(_signals, signal => signal.Dispose());
        _source.Dispose();
    }
}
