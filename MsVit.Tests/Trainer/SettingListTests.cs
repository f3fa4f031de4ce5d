using System.Globalization;
using System.Text.RegularExpressions;
using MsVit.MLNet;
using MsVit.Trainer.Runs;

namespace MsVit.Tests.Trainer;

public sealed partial class SettingListTests
{
    [Fact]
    public void The_table_has_every_key_once()
    {
        Assert.Equal(MsVitOptions.Keys.Order(), SettingTable.Notes.Select(note => note.Key.Name).Order());
        Assert.All(SettingTable.Notes, note => Assert.EndsWith(".", note.Summary, StringComparison.Ordinal));
        Assert.All(SettingTable.Notes, note => Assert.NotEqual("", note.Topic));
    }

    [Theory]
    [InlineData("train", "list")]
    [InlineData("sweep", "list")]
    [InlineData("train", "help")]
    public void The_list_needs_no_data(string verb, string word)
    {
        var (code, output, error) = Cli.Run(verb, "--set", word);
        Assert.Equal((0, ""), (code, error));
        var lines = output.Split('\n');
        Assert.Contains(lines, line => line.StartsWith("Network ", StringComparison.Ordinal));
        Assert.Contains(lines, line => Regex.IsMatch(line, "^  TimeSteps +integer, 1 to 64 +2 +How often "));
        Assert.Contains(lines, line => Regex.IsMatch(line, @"^  Neuron +Lif\|Plif\|Glif\|IntegerLif +Lif +The neuron "));
        Assert.Contains(lines, line => Regex.IsMatch(line, @"^  Images\.Mixing\.MixupAlpha +number, 0, or 0\.05 to 4 +0\.5 "));
        Assert.Contains(lines, line => Regex.IsMatch(line, "^  Images\\.HorizontalFlip +true\\|false +true "));
        Assert.All(MsVitOptions.Keys, key => Assert.Contains($"  {OptionKey.Find(key).ShortName} ", output, StringComparison.Ordinal));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 200));
    }

    [Fact]
    public void A_key_that_is_listed_can_be_set_as_it_is_listed()
    {
        foreach (var note in SettingTable.Notes.Where(note => note.Key is { IsPart: false, Name: not "Network.Classes" }))
        {
            var value = SettingList.Default(note.Key);
            if (value is not ("none" or "{...}"))
            {
                _ = new MsVitOptions().With(KeyValuePair.Create(note.Key.ShortName, value));
            }
        }
    }

    public static TheoryData<string, string> BeyondTheRanges()
    {
        var data = new TheoryData<string, string>();
        foreach (var note in SettingTable.Notes)
        {
            foreach (var value in Beyond(note.Range))
            {
                data.Add(note.Key.ShortName, value.ToString(CultureInfo.InvariantCulture));
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(BeyondTheRanges))]
    public void What_lies_beyond_a_range_is_refused(string key, string value)
    {
        try
        {
            Assert.NotEmpty(new MsVitOptions().With(KeyValuePair.Create(key, value)).ValidationErrors());
        }
        catch (ArgumentException refused)
        {
            Assert.Contains(key.Split('.')[^1], refused.Message, StringComparison.Ordinal);
        }
    }

    // Values beyond "1 to 64", "0 to below 1", "above 0, up to 1", "1 or more" and "above 0".
    private static IEnumerable<double> Beyond(string range)
    {
        if (Between().Match(range) is { Success: true } between)
        {
            yield return Number(between.Groups["low"]) - 1;
            yield return Number(between.Groups["high"]) + (between.Groups["below"].Success ? 0 : 1);
        }
        else if (AtLeast().Match(range) is { Success: true } least)
        {
            yield return Number(least.Groups["low"]) - 1;
        }
        else if (Above().Match(range) is { Success: true } above)
        {
            yield return Number(above.Groups["low"]);
            if (above.Groups["high"].Success)
            {
                yield return Number(above.Groups["high"]) + 1;
            }
        }
    }

    private static double Number(Group group) => double.Parse(group.Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<low>\d+) to (?<below>below )?(?<high>\d+)$")]
    private static partial Regex Between();

    [GeneratedRegex(@"^(?<low>\d+) or more$")]
    private static partial Regex AtLeast();

    [GeneratedRegex(@"^above (?<low>\d+)(, up to (?<high>\d+))?$")]
    private static partial Regex Above();
}
