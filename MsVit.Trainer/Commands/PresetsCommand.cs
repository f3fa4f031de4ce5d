using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using MsVit.MLNet;
using MsVit.MLNet.Analysis;
using MsVit.Trainer.Runs;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit presets</c>: the networks that come with the library, and what each is for, as a table or as JSON.</summary>
internal static class PresetsCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Print one line of JSON per preset, with what it is for and its size." };
        var energy = new Option<bool>("--energy")
        {
            Description =
                "Print the operations, and the firing rate at which the published energy would hold; with a name, layer by layer.",
        };
        var name = new Argument<string?>("name")
        {
            Description = "Print only this preset or starting model, as JSON.",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "name",
        };
        name.CompletionSources.Add(Names.Presets);
        name.CompletionSources.Add(Names.Starters);
        var command = new Verb(
            "presets",
            "Lists the networks and the starting models that come with the library, and what each is for.",
            "msvit presets",
            "msvit presets laptop-32",
            "msvit presets starter-64",
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
        if (name is not null && !energy && MsVitStarter.Names.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            var facts = Json(MsVitStarter.Find(name));
            output.WriteLine(json ? JsonLine.Of(facts) : facts.ToString());
            return ExitCode.Success;
        }
        var presets = name is null ? MsVitConfig.Presets : [UsageException.Check(() => MsVitConfig.Preset(name))];
        if (json && energy)
        {
            throw new UsageException("--energy prints a table, which is not available as JSON: use either --energy or --json.");
        }
        if (json)
        {
            foreach (var preset in presets)
            {
                output.WriteLine(JsonLine.Of(Json(PresetUse.Of(preset))));
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
        WriteTable(presets.Select(PresetUse.Of).OrderByDescending(use => use.IsForOwnData), output);
        return ExitCode.Success;
    }

    private static void WriteTable(IEnumerable<PresetUse> presets, TextWriter output)
    {
        output.WriteLine($"{"preset",-26} {"data",-15} {"input",-13} {"T",2} {"classes",7} {"parameters",10} {"operations",10}  use");
        foreach (var use in presets)
        {
            var preset = use.Preset;
            var size = string.Create(CultureInfo.InvariantCulture, $"{use.Parameters / 1e6,8:0.00} M {use.Operations / 1e9,8:0.000} G");
            output.WriteLine(
                $"{preset.Name,-26} {use.Data,-15} {Input(preset),-13} {preset.TimeSteps,2} {preset.Classes,7} {size}  {use.Use}");
        }
        output.WriteLine();
        output.WriteLine("T is the number of time steps, or of frames of a recording. Operations are those of one sample if every neuron");
        output.WriteLine("fired; spikes need only a part of them. The classes follow your data. 'msvit presets NAME' prints all sizes.");
        output.WriteLine();
        output.WriteLine($"{"starting model",-26} {"input",-13} {"T",2} {"parameters",10} {"operations",10}  trained on");
        foreach (var starter in MsVitStarter.All)
        {
            var size = string.Create(
                CultureInfo.InvariantCulture, $"{starter.Parameters / 1e6,8:0.00} M {starter.Operations / 1e9,8:0.000} G");
            output.WriteLine($"{starter.Name,-26} {Input(starter.Network),-13} {starter.Network.TimeSteps,2} {size}  {starter.Data}");
        }
        output.WriteLine();
        output.WriteLine("Images start from one of these unless --preset, --recipe or --from-scratch is given.");
    }

    private static JsonObject Json(MsVitStarter starter) => new()
    {
        ["Name"] = starter.Name,
        ["Parameters"] = starter.Parameters,
        ["Operations"] = starter.Operations,
        ["Accuracy"] = starter.Accuracy,
        ["Data"] = starter.Data,
        ["Terms"] = starter.Terms,
        ["Command"] = starter.Command,
        ["Date"] = starter.Date,
        ["NotFor"] = starter.NotFor,
        ["Network"] = JsonNode.Parse(starter.Network.ToJson()),
    };

    private static JsonObject Json(PresetUse use)
    {
        var json = JsonNode.Parse(use.Preset.ToJson())!.AsObject();
        (json["Data"], json["Use"], json["Parameters"], json["Operations"]) = (use.Data, use.Use, use.Parameters, use.Operations);
        return json;
    }

    private static string Input(MsVitConfig preset) => $"{preset.Channels} x {preset.Height} x {preset.Width}";
}
