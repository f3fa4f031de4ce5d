using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit presets</c>: the networks that come with the library, as a table, or each one as JSON.</summary>
internal static class PresetsCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one line of JSON per preset." };
        var energy = new Option<bool>("--energy")
        {
            Description =
                "Print the operations, and the firing rate at which the published energy would hold; with a name, layer by layer.",
        };
        var name = new Argument<string?>("name")
        {
            Description = "Print only this preset, as JSON.",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "name",
        };
        name.CompletionSources.Add(Names.Presets);
        var command = new Verb(
            "presets",
            "Lists the networks that come with the library.",
            "msvit presets",
            "msvit presets laptop-32",
            "msvit presets --energy",
            "msvit presets imagenet-10-768 --energy")
        {
            name, energy, json,
        };
        command.SetAction(parsed =>
            Run(parsed.GetValue(name), parsed.GetValue(energy), parsed.GetValue(json), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(string? name, bool energy, bool json, TextWriter output)
    {
        var presets = name is null ? MsVitConfig.Presets : [UsageException.Check(() => MsVitConfig.Preset(name))];
        if (json && energy)
        {
            throw new UsageException("--energy prints a table, which is not available as JSON: use either --energy or --json.");
        }
        if (json)
        {
            foreach (var preset in presets)
            {
                output.WriteLine(JsonLine.Of(JsonNode.Parse(preset.ToJson())!.AsObject()));
            }
            return ExitCode.Success;
        }
        if (name is not null)
        {
            output.WriteLine(energy ? PresetOperations.Of(presets[0]).ToText() : presets[0].ToJson());
            return ExitCode.Success;
        }
        if (energy)
        {
            output.WriteLine(PresetOperations.ToText(presets.Select(PresetOperations.Of)));
            return ExitCode.Success;
        }
        output.WriteLine($"{"preset",-26} {"input",-13} {"classes",7} {"T",2} {"dim",4} {"depths",-8} {"heads",5} {"threshold",9}");
        foreach (var preset in presets)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{preset.Name,-26} {Input(preset),-13} {preset.Classes,7} {preset.TimeSteps,2} {preset.EmbedDim,4} ")
                + string.Create(CultureInfo.InvariantCulture,
                $"{string.Join(", ", preset.Depths),-8} {preset.NumHeads,5} {preset.Threshold,9}"));
        }
        return ExitCode.Success;
    }

    private static string Input(MsVitConfig preset) => $"{preset.Channels} x {preset.Height} x {preset.Width}";
}
