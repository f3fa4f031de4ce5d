using MsVit.MLNet;
using MsVit.Trainer;
using MsVit.Trainer.Bench;
using MsVit.Trainer.Runs;

namespace MsVit.Tests.Documents;

/// <summary>The names on a command line that msvit looks up only when it runs: presets, recipes, options, rows of the benchmark.</summary>
internal static class CommandNames
{
    // Calls into torch are counted on Linux alone, but the documents name these rows everywhere.
    private static readonly IReadOnlyList<string> Rows =
    [
        .. MsVitBenchmark.NamesOn(new BenchmarkSettings { Device = "cpu" }),
        .. TorchOperators.CanBeObserved ? Array.Empty<string>() : ["calls"],
    ];

    /// <summary>Why the words would be rejected, apart from missing files.</summary>
    public static IEnumerable<string> Faults(string[] words)
    {
        var pairs = words.Zip(words.Skip(1)).ToArray();
        try
        {
            var options = new MsVitOptions();
            foreach (var (option, value) in pairs)
            {
                switch (option)
                {
                    case "--preset":
                        options.Network = MsVitConfig.Preset(value);
                        break;
                    case "--recipe":
                        options.Recipe = Settings.Recipe(value);
                        break;
                    case "--time-budget":
                        _ = Duration.Parse(value);
                        break;
                }
            }
            // The --set of "data prepare" names a set of recordings.
            var set = words is ["data", "prepare", ..] ? [] : Values(Settings.SetOption).Where(word => word != SettingList.Word);
            options = Settings.Set(options, set);
            foreach (var parameter in Vary.Space(null, [.. Values("--vary")], options.Network).Parameters)
            {
                _ = options.With(new KeyValuePair<string, string>(parameter.Name, parameter.At(0)));
            }
        }
        catch (Exception e) when (e is ArgumentException or UsageException)
        {
            return [e.Message];
        }
        return words is ["bench", .. var rest]
            ? rest.TakeWhile(word => !word.StartsWith('-')).Where(word => !Rows.Any(row => Begins(row, word)))
                .Select(word => $"No row of the benchmark is called '{word}' or begins with '{word}.'.")
            : [];

        IEnumerable<string> Values(string name) => pairs.Where(pair => pair.First == name).Select(pair => pair.Second);
    }

    private static bool Begins(string row, string word) => row == word || row.StartsWith(word + ".", StringComparison.Ordinal);
}
