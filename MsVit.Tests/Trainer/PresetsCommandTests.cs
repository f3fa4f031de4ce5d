using System.Text.Json;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Trainer.Runs;

namespace MsVit.Tests.Trainer;

public sealed class PresetsCommandTests
{
    [Fact]
    public void Every_preset_is_a_line_of_JSON()
    {
        var lines = Cli.Run("presets", "--json").Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(MsVitConfig.Presets.Select(preset => preset.Name),
            lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("Name").GetString()));
    }

    [Fact]
    public void Each_preset_says_what_it_is_for_and_how_large_it_is()
    {
        var lines = Cli.Run("presets").Output.Split('\n');
        Assert.All(MsVitConfig.Presets, preset => Assert.Contains(lines, line =>
            line.StartsWith(preset.Name + " ", StringComparison.Ordinal)
            && line.EndsWith("  " + PresetUse.Of(preset).Use, StringComparison.Ordinal)));
        Assert.Contains(lines, line => System.Text.RegularExpressions.Regex.IsMatch(
            line, @"^laptop-32 +images +3 x 32 x 32 +2 +10 +0\.69 M +0\.\d{3} G  your own images on a CPU"));

        var json = JsonDocument.Parse(Cli.Run("presets", "tiny-32", "--json").Output).RootElement;
        Assert.Equal("images", json.GetProperty("Data").GetString());
        Assert.Equal(SynapticOperations.Of(MsVitConfig.Preset("tiny-32")).Parameters, json.GetProperty("Parameters").GetInt64());
    }

    [Fact]
    public void A_preset_by_name_is_a_config_that_can_be_read_back()
    {
        var tiny = MsVitConfig.Preset("tiny-32");
        Assert.Equal(tiny, MsVitConfig.FromJson(Cli.Run("presets", "tiny-32").Output));
    }

    [Fact]
    public void The_starting_models_are_listed_below_the_presets_and_one_by_name_says_where_it_comes_from()
    {
        var lines = Cli.Run("presets").Output.Split('\n');
        Assert.All(MsVitStarter.Names, name => Assert.Single(lines, line => line.StartsWith(name + " ", StringComparison.Ordinal)));
        var json = JsonDocument.Parse(Cli.Run("presets", "starter-64", "--json").Output).RootElement;
        Assert.Equal(MsVitStarter.Find("starter-64").NotFor, json.GetProperty("NotFor").GetString());
        Assert.Equal(64, json.GetProperty("Network").GetProperty("Height").GetInt32());
    }

    [Theory]
    [InlineData("imagenet-10-384", "16.65")]
    [InlineData("imagenet-10-512", "24.74")]
    [InlineData("imagenet-10-768", "45.88")]
    public void The_energies_that_the_paper_prints_stand_beside_the_counted_operations(string preset, string millijoules)
    {
        Assert.Contains($"| {preset} | 4 | 224 x 224 |", Cli.Run("presets", "--energy").Output, StringComparison.Ordinal);
        var one = Cli.Run("presets", preset, "--energy").Output;
        Assert.Contains($"| {millijoules} |", one, StringComparison.Ordinal);
        Assert.Contains("| head | Linear |", one, StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_as_JSON_is_a_wrong_word() => Assert.Equal(2, Cli.Run("presets", "--energy", "--json").Code);
}
