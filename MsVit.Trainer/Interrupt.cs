using System.Globalization;
using System.Runtime.InteropServices;

namespace MsVit.Trainer;

/// <summary>
/// Turns Ctrl-C, SIGTERM, SIGHUP (the terminal was closed) and SIGUSR1 into cancellation; a second Ctrl-C or SIGTERM ends the process
/// immediately.
/// </summary>
internal sealed class Interrupt : IDisposable
{
    /// <summary>Linux's SIGUSR1. Schedulers send it some time before they end a job; launchers of MPI pass it on to all ranks.</summary>
    public const PosixSignal Sigusr1 = (PosixSignal)10;

    private const string Status = "/proc/self/status", Ignored = "SigIgn:";

    private readonly CancellationTokenSource _source = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly PosixSignalRegistration[] _signals;

    /// <param name="error">Where to print the message.</param>
    /// <param name="answer">The message for the first one.</param>
    public Interrupt(TextWriter error, string answer)
    {
        PosixSignal[] signals =
        [
            PosixSignal.SIGINT,
            PosixSignal.SIGTERM,
            .. Hangup,
            .. OperatingSystem.IsLinux() ? [Sigusr1] : (PosixSignal[])[],
        ];
        _signals = [.. signals.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            // A closed terminal sends SIGHUP, and so may the shell in it.
            context.Cancel = signal is Sigusr1 or PosixSignal.SIGHUP;
            if (!_source.IsCancellationRequested)
            {
                context.Cancel = true;
                error.WriteLine(answer);
                _source.Cancel();
                if (OperatingSystem.IsWindows() && signal is PosixSignal.SIGHUP or PosixSignal.SIGTERM)
                {
                    // Windows ends the process as soon as this returns, and five seconds after it closed the console.
                    _ended.Wait();
                }
            }
        }))];
    }

    /// <summary>SIGHUP, unless the process was started to outlive its terminal, as nohup does.</summary>
    public static IReadOnlyList<PosixSignal> Hangup => IsHangupIgnored ? [] : [PosixSignal.SIGHUP];

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _ended.Set();
        Array.ForEach(_signals, signal => signal.Dispose());
        _source.Dispose();
    }

    // A mask in hexadecimal digits, with SIGHUP, the signal 1, as its lowest bit.
    private static bool IsHangupIgnored => OperatingSystem.IsLinux()
        && File.ReadLines(Status).FirstOrDefault(line => line.StartsWith(Ignored, StringComparison.Ordinal)) is { } line
        && (ulong.Parse(line[Ignored.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 1) != 0;
}
