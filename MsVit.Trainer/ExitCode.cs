namespace MsVit.Trainer;

/// <summary>The exit codes of msvit.</summary>
internal static class ExitCode
{
    /// <summary>Success.</summary>
    public const int Success = 0;

    /// <summary>Failed because of the data, a file or the machine; standard error has one line that says why.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C, SIGTERM or a closed terminal; train and sweep save their progress.</summary>
    public const int Interrupted = 130;
}
