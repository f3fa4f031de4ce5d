using System.CommandLine;
using System.Globalization;
using MsVit.MLNet.Network;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit presets</c>: the networks that come with the library, as a table, or each one as JSON.</summary>
internal static class PresetsCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print every preset as JSON, one after the other." };
        var name = new Argument<string?>("name") { Description = "Print this preset alone, as JSON.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Verb("presets", "Lists the networks that come with the library.", "msvit presets", "msvit presets laptop-32") { name, json };
        command.SetAction(parsed => Run(parsed.GetValue(name), parsed.GetValue(json), parsed.InvocationConfiguration.Output));
        return command;
    }

    private static int Run(string? name, bool json, TextWriter output)
    {
        var presets = name is null ? MsVitConfig.Presets : [UsageException.Check(() => MsVitConfig.Preset(name))];
        if (json || name is not null)
        {
            foreach (var preset in presets)
            {
                output.WriteLine(preset.ToJson());
            }
            return ExitCode.Success;
        }
        output.WriteLine($"{"preset",-26} {"input",-13} {"classes",7} {"T",2} {"dim",4} {"depths",-8} {"heads",5} {"threshold",9}");
        foreach (var preset in presets)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{preset.Name,-26} {Input(preset),-13} {preset.Classes,7} {preset.TimeSteps,2} {preset.EmbedDim,4} {string.Join(", ", preset.Depths),-8} {preset.NumHeads,5} {preset.Threshold,9}"));
        }
        return ExitCode.Success;
    }

    private static string Input(MsVitConfig preset) => $"{preset.Channels} x {preset.Height} x {preset.Width}";
}
