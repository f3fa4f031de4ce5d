namespace MsVit.MLNet.Benchmarking;

/// <summary>How to measure.</summary>
public sealed record BenchmarkSettings
{
    private const int QuickRounds = 2;

    /// <summary>Whether to run on tiny sizes, to see that everything works; the times mean nothing then. The default is false.</summary>
    public bool Quick { get; init; }

    /// <summary>
    /// Threads of torch, 1-1024. By default (null) the neurons, the copy, the image pipeline and quick runs take one, the rest as many
    /// as torch has.
    /// </summary>
    public int? Threads { get; init; }

    /// <summary>How often each variant is timed, 1-1000; a quick run takes at most 2. The default is 5.</summary>
    public int Repeats { get; init; } = 5;

    /// <summary>Refuses what cannot work.</summary>
    /// <exception cref="ArgumentException">A setting is out of its range; the message says which.</exception>
    public void Validate()
    {
        if (Threads is < 1 or > 1024)
        {
            throw new ArgumentException($"Threads is {Threads}; it must be from 1 to 1024.");
        }
        if (Repeats is < 1 or > 1000)
        {
            throw new ArgumentException($"Repeats is {Repeats}; it must be from 1 to 1000.");
        }
    }

    internal int Rounds => Quick ? Math.Min(Repeats, QuickRounds) : Repeats;
}
