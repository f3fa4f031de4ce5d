using System.CommandLine;
using MsVit.MLNet;
using MsVit.Trainer.Bench;

namespace MsVit.Trainer.Commands;

/// <summary>
/// <c>msvit bench</c>: how fast this machine is, compared with eager neurons and with the limits of the hardware (docs/performance.md).
/// </summary>
internal static class BenchCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("name")
        {
            Description = "A row, or the prefix of several up to a dot, such as neuron or train.cifar10. All rows by default.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var quick = new Option<bool>("--quick")
        {
            Description = "Run with tiny sizes, to check that everything works; the times mean nothing.",
        };
        var threads = new Option<int?>("--threads")
        {
            Description = "How many threads torch uses. By default each row has its own number.",
            HelpName = "N",
        };
        var repeats = new Option<int>("--repeats")
        {
            Description = "How often each variant is timed.",
            DefaultValueFactory = _ => new BenchmarkSettings().Repeats,
            HelpName = "N",
        };
        var device = new Option<string>("--device")
        {
            Description = "The device: cpu, cuda, cuda:N, or auto for a GPU if there is one.",
            DefaultValueFactory = _ => new BenchmarkSettings().Device,
            HelpName = "NAME",
        };
        var json = new Option<bool>("--json") { Description = "Print one line of JSON per row." };
        var command = new Verb(
            "bench",
            "Measures speed and memory on this machine.",
            "msvit bench neuron train.cifar10 --repeats 5",
            "msvit bench --quick --json")
        {
            names, quick, threads, repeats, device, json,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(names) ?? [],
            new()
            {
                Quick = parsed.GetValue(quick),
                Threads = parsed.GetValue(threads),
                Repeats = parsed.GetValue(repeats),
                Device = parsed.GetValue(device)!,
            },
            parsed.GetValue(json),
            parsed.InvocationConfiguration.Output,
            parsed.InvocationConfiguration.Error));
        return command;
    }

    private static int Run(string[] wanted, BenchmarkSettings settings, bool json, TextWriter output, TextWriter error)
    {
        var names = UsageException.Check(() =>
        {
            settings.Validate();
            return Matching(wanted, MsVitBenchmark.NamesOn(settings));
        });
        if (!json)
        {
            output.WriteLine(BenchTable.Header);
        }
        foreach (var (i, name) in names.Index())
        {
            error.WriteLine($"{i + 1} of {names.Count}: {name}");
            var row = MsVitBenchmark.Run(name, settings);
            output.WriteLine(json ? row.ToJson() : BenchTable.Line(row));
        }
        return ExitCode.Success;
    }

    private static IReadOnlyList<string> Matching(string[] wanted, IReadOnlyList<string> names)
    {
        if (wanted.Length == 0)
        {
            return names;
        }
        if (wanted.FirstOrDefault(word => !names.Any(name => Begins(name, word))) is { } unknown)
        {
            var question = NearestNames.Question(unknown, names.SelectMany(name => (string[])[name.Split('.')[0], name]).Distinct());
            throw new ArgumentException(
                $"No row has the name or the prefix '{unknown}'. There are: {string.Join(", ", names)}.{question}");
        }
        return [.. names.Where(name => wanted.Any(word => Begins(name, word)))];
    }

    private static bool Begins(string name, string word) => name == word || name.StartsWith(word + ".", StringComparison.Ordinal);
}
