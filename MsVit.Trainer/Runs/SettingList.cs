using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using MsVit.MLNet;

namespace MsVit.Trainer.Runs;

/// <summary><c>--set list</c>: all keys by topic, each with its type, default, range and one sentence.</summary>
internal static class SettingList
{
    /// <summary>The word in place of KEY=VALUE.</summary>
    public const string Word = "list";

    private const int KeyWidth = 36, ValueWidth = 42, DefaultWidth = 16;

    /// <summary>Whether a command line asks for the list, whatever else it lacks.</summary>
    public static bool IsAsked(ParseResult parsed) => parsed.CommandResult.Children.OfType<OptionResult>()
        .Where(result => result.Option is Option<string[]> { Name: Settings.SetOption })
        .Any(result => result.Tokens.Any(token => token.Value is Word or "help"));

    /// <summary>Writes the list.</summary>
    public static void Write(TextWriter output)
    {
        output.WriteLine($"Keys of {Settings.SetOption} KEY=VALUE. The prefixes Network. and Recipe. may be added to any key of theirs.");
        foreach (var topic in SettingTable.Notes.GroupBy(note => note.Topic))
        {
            output.WriteLine();
            output.WriteLine($"{topic.Key,-KeyWidth}  {"values",-ValueWidth} default");
            foreach (var note in topic)
            {
                output.WriteLine(
                    $"  {note.Key.ShortName,-KeyWidth}{Values(note),-ValueWidth} {Default(note.Key),-DefaultWidth} {note.Summary}");
            }
        }
    }

    /// <summary>The default of a key as text; that of a part which is off by default is the one it has when it is on.</summary>
    public static string Default(OptionKey key)
    {
        var options = new MsVitOptions();
        var text = OptionText.Of(options, key);
        if (text == "null" && key.Path.Contains('.', StringComparison.Ordinal))
        {
            var above = $"{key.Part}.{key.Path[..key.Path.LastIndexOf('.')]}";
            text = OptionText.Of(options.With(KeyValuePair.Create(above, "{}")), key);
        }
        return key.IsPart ? (key.Part == nameof(MsVitOptions.Network) ? options.Network.Name : TrainingRecipes.Named("laptop").Name)
            : text == "null" ? "none"
            : text.StartsWith('{') ? "{...}"
            : text.StartsWith('[') ? string.Join(',', text.Trim('[', ']').Split(',', StringSplitOptions.TrimEntries))
            : key.Type == typeof(double) ? double.Parse(text, CultureInfo.InvariantCulture).ToString("g6", CultureInfo.InvariantCulture)
            : text;
    }

    private static string Values(SettingNote note)
    {
        var type = Nullable.GetUnderlyingType(note.Key.Type) ?? note.Key.Type;
        var kind = type == typeof(int) || type == typeof(long) ? "integer"
            : type == typeof(double) || type == typeof(float) ? "number"
            : type == typeof(TimeSpan) ? "time"
            : type == typeof(PerStage) ? "integers"
            : type == typeof(IReadOnlyList<double>) ? "numbers"
            : type == typeof(string) ? "text"
            : "";
        var range = note.Range.Length > 0 ? note.Range : string.Join('|', note.Key.ValueNames);
        return kind.Length == 0 || range == "JSON" ? range : range.Length == 0 ? kind : $"{kind}, {range}";
    }
}
