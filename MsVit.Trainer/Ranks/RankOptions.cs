using System.CommandLine;
using System.Globalization;
using MsVit.MLNet;
using MsVit.Trainer.Runs;
using TorchSharp;

namespace MsVit.Trainer.Ranks;

/// <summary>The options of a command that may run on many ranks.</summary>
internal sealed class RankOptions
{
    private const string All = "all";

    private readonly Option<int?> _ranks = new("--ranks")
    {
        Description = "Share the work among N processes of this machine, which mpiexec starts. Processes on several machines are started "
            + "by mpiexec or srun directly.",
        HelpName = "N",
    };
    private readonly Option<string?> _devices = new("--devices")
    {
        Description = "Share the work among the GPUs of this machine, a process each: all of them, or the first N.",
        HelpName = "all|N",
    };
    private readonly Option<string> _stall = new("--stall-limit")
    {
        Description = "How long a process waits for another one before the job ends, such as 10m; 0 waits forever.",
        DefaultValueFactory = _ => "10m",
        HelpName = "time",
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_ranks);
        command.Add(_devices);
        command.Add(_stall);
    }

    /// <summary>Does the work as one of the ranks, or starts these and waits for them.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="work">Given the ranks.</param>
    /// <returns>The exit code.</returns>
    public int Run(ParseResult parsed, Func<RankGroup, int> work)
    {
        var limit = parsed.GetValue(_stall) is { } text and not "0" ? Duration.Parse(text) : (TimeSpan?)null;
        if (Wanted(parsed) is { } wanted)
        {
            var launch = Launch.Of(Environment.GetEnvironmentVariable);
            if (launch is null && wanted.Count > 1)
            {
                return Launcher.Find(wanted.Option).Run(wanted.Count);
            }
            if (launch is { Size: { } size } && size != wanted.Count)
            {
                var processes = wanted.Count == 1 ? "process" : "processes";
                throw new UsageException($"{wanted.Option} starts {wanted.Count} {processes} by itself, but "
                    + $" {launch.Launcher} has started {size}. Leave {wanted.Option} out, or start msvit without {launch.Launcher}.");
            }
        }
        return RankedRun.Do(parsed, limit, work);
    }

    /// <summary>Whether the options start the ranks.</summary>
    public bool Starts(ParseResult parsed) => parsed.GetValue(_ranks) is not null || parsed.GetValue(_devices) is not null;

    private (string Option, int Count)? Wanted(ParseResult parsed)
    {
        var (ranks, devices) = (parsed.GetValue(_ranks), parsed.GetValue(_devices));
        if (ranks is not null && devices is not null)
        {
            throw new UsageException("Use either --ranks or --devices, not both: --devices starts one process for each GPU.");
        }
        if (ranks is < 1)
        {
            throw new UsageException($"--ranks is {ranks}; it must be 1 or more.");
        }
        return ranks is { } count ? ("--ranks", count) : devices is not null ? ("--devices", Gpus(devices)) : null;
    }

    private static int Gpus(string devices)
    {
        var most = int.TryParse(devices, NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted > 0 ? wanted
            : devices == All ? int.MaxValue
            : throw new UsageException($"--devices is '{devices}'; it must be {All}, or a number of GPUs, 1 or more.");
        NativeTorch.EnsureLoaded();
        var gpus = torch.cuda.is_available() ? torch.cuda.device_count() : 0;
        return gpus == 0 ? throw new UsageException(
                "--devices counts GPUs, and torch sees none on this machine. To share the work among processes on the CPU, use --ranks.")
            : most != int.MaxValue && most > gpus ? throw new UsageException(
                $"--devices is {most}, but torch sees {Counted.Of(gpus, "GPU")} on this machine.")
            : Math.Min(most, gpus);
    }
}
