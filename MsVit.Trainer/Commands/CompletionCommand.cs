using System.CommandLine;
using MsVit.MLNet;

namespace MsVit.Trainer.Commands;

/// <summary><c>msvit completion</c>: a script by which a shell completes verbs and options.</summary>
internal static class CompletionCommand
{
    // Each asks msvit itself, by the directive that System.CommandLine answers, for what may stand at the cursor.
    private static readonly Dictionary<string, string> Scripts = new()
    {
        ["bash"] = """
            _msvit() {
              local line="${COMP_LINE#* }" offset=$((COMP_POINT - ${#1} - 1))
              local IFS=$'\r\n' word="${COMP_LINE:0:COMP_POINT}" head=""
              word="${word##* }"
              COMPREPLY=( $(compgen -W "$(msvit "[suggest:$offset]" "$line" 2> /dev/null)" -- "$word") )
              # Bash takes = for the end of a word and keeps what comes before it.
              [[ $word == *=* && $COMP_WORDBREAKS == *=* ]] && head="${word%=*}="
              COMPREPLY=( "${COMPREPLY[@]#"$head"}" )
              [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2> /dev/null
              return 0
            }
            complete -o default -F _msvit msvit
            """,
        ["zsh"] = """
            _msvit() {
              local line="${BUFFER#* }" offset=$((CURSOR - ${#words[1]} - 1))
              local -a found=(${(f)"$(msvit "[suggest:$offset]" "$line" 2> /dev/null | tr -d '\r')"})
              compadd -S '' -- ${(M)found:#*=}
              compadd -- ${found:#*=}
              _files
            }
            compdef _msvit msvit
            """,
        ["pwsh"] = """
            Register-ArgumentCompleter -Native -CommandName msvit -ScriptBlock {
                param($word, $ast, $cursor)
                $line = "$ast" -replace '^\S+\s?', ''
                $offset = [Math]::Max(0, $cursor - ("$ast".Length - $line.Length))
                msvit "[suggest:$offset]" "$line" 2> $null | Where-Object { $_ -like "$word*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "The shell: bash, zsh or pwsh." };
        shell.CompletionSources.Add([.. Scripts.Keys]);
        var command = new Verb(
            "completion",
            "Prints a shell script that completes commands, options and their values.",
            "source <(msvit completion bash)",
            "msvit completion pwsh >> $PROFILE")
        {
            shell,
        };
        command.SetAction(parsed =>
        {
            var script = Scripts.GetValueOrDefault(parsed.GetValue(shell)!) ?? throw new UsageException(
                $"There is no script for '{parsed.GetValue(shell)}'; there are bash, zsh and pwsh."
                + NearestNames.Question(parsed.GetValue(shell)!, Scripts.Keys));
            // Also on Windows, where bash and zsh would take the other half of a line end for a part of the last word.
            parsed.InvocationConfiguration.Output.Write(script.ReplaceLineEndings("\n") + "\n");
            return ExitCode.Success;
        });
        return command;
    }
}
