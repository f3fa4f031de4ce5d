using System.Diagnostics;
using MsVit.Tests.Support;
using MsVit.Trainer;

namespace MsVit.Tests.Trainer;

public sealed class CompletionCommandTests
{
    [Theory]
    [InlineData("tr", "train")]
    [InlineData("train --time", "--time-budget")]
    [InlineData("sweep --pruner ", "SuccessiveHalving")]
    [InlineData("sweep --preset tiny", "tiny-32")]
    [InlineData("train --recipe ", "laptop")]
    [InlineData("presets imagenet-10-7", "imagenet-10-768")]
    [InlineData("train --set TimeS", "TimeSteps=")]
    [InlineData("train --set images.mix", "Images.Mixing.MixupAlpha=")]
    [InlineData("train --set Neuron=P", "Neuron=Plif")]
    [InlineData("train --set neuron=", "neuron=Glif")]
    [InlineData("train -s Images.HorizontalFlip=", "Images.HorizontalFlip=false")]
    [InlineData("sweep --set Recipe.ClassWeighting=", "Recipe.ClassWeighting=Balanced")]
    [InlineData("sweep --vary Dep", "Depths=")]
    public void What_may_stand_at_the_cursor_is_suggested(string line, string suggestion) =>
        Assert.Contains(suggestion, Cli.Run($"[suggest:{line.Length}]", line).Output.ReplaceLineEndings("\n").Split('\n'));

    [LinuxFact("bash")]
    public void Bash_completes_a_word_by_what_msvit_suggests_and_begins_as_it_does()
    {
        // In place of msvit a function: what it suggests need not begin like the word.
        var script = Cli.Run("completion", "bash").Output + """
            msvit() { printf '%s\n' "$1" "imagenet-10-384" "qkformer-imagenet-10-384"; }
            COMP_LINE="msvit presets imagenet-10-"; COMP_POINT=${#COMP_LINE}
            _msvit msvit imagenet-10- presets
            printf '%s\n' "${COMPREPLY[@]}"
            COMP_LINE="msvit presets "; COMP_POINT=${#COMP_LINE}
            _msvit msvit "" presets
            printf '%s\n' "${COMPREPLY[0]}"
            """;
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true })!;
        Assert.Equal("imagenet-10-384\n[suggest:8]\n", bash.StandardOutput.ReadToEnd());
    }

    [LinuxFact("bash")]
    public void Bash_completes_the_value_after_an_equals_sign_alone()
    {
        var script = Cli.Run("completion", "bash").Output + """
            msvit() { printf '%s\n' "Neuron=Lif" "Neuron=Plif"; }
            COMP_WORDBREAKS=$' \t\n='
            COMP_LINE="msvit train --set Neuron=P"; COMP_POINT=${#COMP_LINE}
            _msvit msvit P =
            printf '%s\n' "${COMPREPLY[@]}"
            COMP_WORDBREAKS=$' \t\n'
            _msvit msvit Neuron=P --set
            printf '%s\n' "${COMPREPLY[@]}"
            """;
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true })!;
        Assert.Equal("Plif\nNeuron=Plif\n", bash.StandardOutput.ReadToEnd());
    }

    [LinuxFact("bash")]
    public void Bash_takes_both_characters_of_a_line_end_of_Windows_for_the_end_of_a_suggestion()
    {
        var script = Cli.Run("completion", "bash").Output + """
            msvit() { printf '%s\r\n' "train" "trace"; }
            COMP_LINE="msvit tr"; COMP_POINT=${#COMP_LINE}
            _msvit msvit tr msvit
            printf '<%s>\n' "${COMPREPLY[@]}"
            """;
        using var bash = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true })!;
        Assert.Equal("<train>\n<trace>\n", bash.StandardOutput.ReadToEnd());
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("pwsh")]
    public void A_script_has_line_ends_of_one_character_on_Windows_too(string shell)
    {
        using var output = new StringWriter { NewLine = "\r\n" };
        Assert.Equal(0, CommandLine.Run(["completion", shell], output, TextWriter.Null));
        Assert.DoesNotContain('\r', output.ToString());
        Assert.EndsWith("\n", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bash", "complete -o default -F _msvit msvit")]
    [InlineData("zsh", "compdef _msvit msvit")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public void There_is_a_script_for_each_shell(string shell, string part) =>
        Assert.Contains(part, Cli.Run("completion", shell).Output, StringComparison.Ordinal);

    [Fact]
    public void Another_shell_is_a_wrong_word() => Assert.Equal(2, Cli.Run("completion", "fish").Code);
}
