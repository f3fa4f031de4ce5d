using System.Runtime.InteropServices;

namespace MsVit.Trainer;

/// <summary>Turns Ctrl-C and a request to terminate into a cancellation; the second one ends the process at once.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;

    /// <param name="error">Where the first one is answered.</param>
    /// <param name="answer">What to say.</param>
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
