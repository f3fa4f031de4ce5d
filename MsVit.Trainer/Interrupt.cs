using System.Runtime.InteropServices;

namespace MsVit.Trainer;

/// <summary>Turns Ctrl-C, SIGTERM and SIGUSR1 into cancellation; a second Ctrl-C or SIGTERM ends the process immediately.</summary>
internal sealed class Interrupt : IDisposable
{
    /// <summary>Linux's SIGUSR1. Schedulers send it some time before they end a job; launchers of MPI pass it on to all ranks.</summary>
    public const PosixSignal Sigusr1 = (PosixSignal)10;

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _signals;

    /// <param name="error">Where to print the message.</param>
    /// <param name="answer">The message for the first one.</param>
    public Interrupt(TextWriter error, string answer)
    {
        PosixSignal[] signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, .. OperatingSystem.IsLinux() ? [Sigusr1] : (PosixSignal[])[]];
        _signals = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = signal == Sigusr1;
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
