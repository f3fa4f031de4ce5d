namespace MsVit.Trainer;

/// <summary>How msvit ends.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>The data, a file or the machine did not allow it; one line on standard error says why.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C or a request to terminate; what was done so far is saved where the verb says so.</summary>
    public const int Interrupted = 130;
}
