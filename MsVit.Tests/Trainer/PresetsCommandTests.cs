using System.Text.Json;
using MsVit.MLNet;

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
