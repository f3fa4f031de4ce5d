namespace MsVit.Tests.Trainer;

public sealed class CompletionCommandTests
{
    [Theory]
    [InlineData("tr", "train")]
    [InlineData("train --time", "--time-budget")]
    [InlineData("sweep --pruner ", "SuccessiveHalving")]
    public void What_may_stand_at_the_cursor_is_suggested(string line, string suggestion) =>
        Assert.Contains(suggestion, Cli.Run($"[suggest:{line.Length}]", line).Output.Split('\n'));

    [Theory]
    [InlineData("bash", "complete -o default -F _msvit msvit")]
    [InlineData("zsh", "compdef _msvit msvit")]
    [InlineData("pwsh", "Register-ArgumentCompleter")]
    public void There_is_a_script_for_each_shell(string shell, string part) => Assert.Contains(part, Cli.Run("completion", shell).Output, StringComparison.Ordinal);

    [Fact]
    public void Another_shell_is_a_wrong_word() => Assert.Equal(2, Cli.Run("completion", "fish").Code);
}
